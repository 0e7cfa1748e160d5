/** Tools of the fleet itself, as a model sees them. No manifest may take their names, and a session sees one when it helps. */
import type { ToolSpec } from '../catalog/manifest.js';
import { limits } from '../limits.js';

/** The name by which `find_tools` is offered to a model. */
export const findToolsName = 'find_tools';

/** The name by which `read_artifact` is offered to a model, once an answer was too long for it. */
export const readArtifactName = 'read_artifact';

export const fleetToolNames: readonly string[] = [findToolsName, readArtifactName];

export const findToolsDefinition = {
  name: findToolsName,
  description:
    'Finds more tools when none of those you see can do the next step. Say what the tool should do; tools that are found can be called from the next turn on.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string', description: 'What the tool should do.', minLength: 1, maxLength: 1000 } },
    required: ['query'],
    additionalProperties: false,
  },
} as const;

export const readArtifactDefinition = {
  name: readArtifactName,
  description:
    'Reads a part of an earlier answer that was too long to be shown whole. Give its handle and one of jmespath, grep and range.',
  parameters: {
    type: 'object',
    properties: {
      handle: { type: 'string', description: 'As the cut answer names it.', minLength: 1, maxLength: 64 },
      jmespath: {
        type: 'string',
        description: 'Of a JSON answer: a JMESPath expression, such as items[?total > `100`].id.',
        minLength: 1,
        maxLength: 500,
      },
      grep: { type: 'string', description: 'A pattern (RE2); lines that match it.', minLength: 1, maxLength: 200 },
      range: {
        type: 'object',
        description: 'Bytes.',
        properties: {
          from: { type: 'integer', minimum: 0, maximum: limits.toolAnswerBytesMax },
          length: { type: 'integer', minimum: 1, maximum: limits.observationBytesMax },
        },
        required: ['from', 'length'],
        additionalProperties: false,
      },
    },
    required: ['handle'],
    oneOf: [{ required: ['jmespath'] }, { required: ['grep'] }, { required: ['range'] }],
    additionalProperties: false,
  },
} as const;

/** What an executor runs for it: in the class of the call whose answer it was. Its answer pays as every other one does. */
export const readArtifactToolOf = (toolClass: string) =>
  ({
    ...readArtifactDefinition,
    version: '1',
    owner: '',
    toolClass,
    effect: 'read',
    riskTier: 'low',
    idempotent: true,
    timeoutMs: limits.readArtifactMs,
    observation: { bytesMax: limits.observationBytesMax },
    driver: 'builtin',
    builtin: readArtifactName,
  }) as const satisfies ToolSpec;
