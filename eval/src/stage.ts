/** All that the sessions run on, on this machine: recorded tools, scripted model, and one fleet with all their tools. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KafkaBus, type SessionBus } from '@toolfleet/example-retail/demo';
import { startFleet, type LogLine } from '@toolfleet/fleetctl/local';
import { chainOf } from '@toolfleet/kernel';
import { writeCatalogue } from './catalogue-directory.js';
import { RecordedTools } from './recorded-tools.js';
import { startScriptedModel, type ScriptedModel } from './scripted-model.js';
import { manifestsOf, toolsUrlVariable, type StagedPlan } from './staging.js';

export interface Stage {
  readonly bus: SessionBus;
  readonly gatewayUrl: string;
  /** The header by which the fleet knows a client of the tenant. */
  readonly authorization: (tenant: string) => Promise<string>;
  readonly tools: RecordedTools;
  readonly model: ScriptedModel;
  close(): Promise<void>;
}

/** Beside what `fleetctl up` uses; each run begins with an empty one. */
const stateDirectory = fileURLToPath(new URL('../../.toolfleet', import.meta.url));

export async function openStage(
  plans: readonly StagedPlan[],
  { log, signal }: { readonly log: (line: LogLine) => void; readonly signal: AbortSignal },
): Promise<Stage> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) {
      // A part that does not stop must not keep the others running.
      // oxlint-disable-next-line no-await-in-loop
      await step().catch((error: unknown) => log({ source: 'eval', text: chainOf(error).join(' <- ') }));
    }
  };
  try {
    await mkdir(stateDirectory, { recursive: true });
    const directory = await mkdtemp(join(stateDirectory, 'eval-'));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const catalogDirectory = join(directory, 'catalog');
    await writeCatalogue(catalogDirectory, manifestsOf(plans));
    const tools = new RecordedTools(plans.flatMap((plan) => plan.tools));
    const toolsUrl = await tools.listen();
    undo.push(() => tools.close());
    const sessions = plans.flatMap((plan) => plan.sessions);
    const model = await startScriptedModel(
      sessions,
      plans.flatMap((plan) => plan.tools),
    );
    undo.push(() => model.close());
    const backings = plans.map(({ plan }) => plan.backing?.env ?? {});
    const env = Object.assign({ [toolsUrlVariable]: toolsUrl, TOOLFLEET_MODEL_API_KEY: 'none-needed' }, ...backings);
    const state = join(directory, 'state');
    const fleet = await startFleet({ directory: state, catalogDirectory, modelUrl: model.url, env, log, signal });
    undo.push(() => fleet.stop());
    const authorization = (tenant: string): Promise<string> => fleet.issuer.authorization(tenant);
    const bus = new KafkaBus({ brokers: fleet.brokers, authorization, log: (text) => log({ source: 'eval', text }) });
    undo.push(() => bus.close());
    return { bus, gatewayUrl: fleet.gatewayUrl, authorization, tools, model, close };
  } catch (error) {
    await close();
    throw error;
  }
}
