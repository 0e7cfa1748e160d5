/** `fleetctl contract test`: whether a model, a prompt and tools still do together what contracts say. */
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import pc from 'picocolors';
import { Catalogue, invalid, missing } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import type { Problem } from '@toolfleet/platform/catalog';
import { findManifestFiles, loadCatalogue, readManifestFiles, textOfProblem } from '@toolfleet/platform/catalog';
import { Secret, environmentVariable } from '@toolfleet/platform/config';
import { HttpClient } from '@toolfleet/platform/http';
import type { ModelRoute } from '@toolfleet/platform/model';
import { HttpModelClient } from '@toolfleet/platform/model';
import { readContracts } from '../contracts/contract-file.js';
import type { Question } from '../contracts/contract-question.js';
import { contractProblems, questionOf } from '../contracts/contract-question.js';
import { contractTable } from '../contracts/contract-text.js';
import type { ContractResult } from '../contracts/run-contracts.js';
import { runContracts } from '../contracts/run-contracts.js';

interface TestFlags {
  readonly catalog: readonly string[];
  readonly modelUrl?: string;
  readonly model?: string;
  readonly provider: 'openai' | 'anthropic';
  readonly apiKeyEnv?: string;
  readonly temperature?: number;
  readonly seed?: number;
  readonly samples?: number;
  readonly concurrency: number;
  readonly deadline: number;
  readonly json?: boolean;
}

export function registerContract(program: Command): void {
  const contract = program.command('contract').description('hold a model, its prompt and its tools to contracts');
  contract
    .command('test <dir>')
    .description('ask a model what each contract of a directory asks, and fail when too few answers keep it')
    .option(
      '--catalog <dir>',
      'manifests of the agents and tools; repeatable (default: catalog beside <dir>)',
      collect,
      [],
    )
    .option('--model-url <url>', "where the model is, with the version part (default: the agent's ModelRoute)")
    .option('--model <name>', 'which model; goes with --model-url')
    .addOption(new Option('--provider <name>', 'what it speaks').choices(['openai', 'anthropic']).default('openai'))
    .option('--api-key-env <name>', 'the environment variable that holds its key')
    .option('--temperature <number>', "in place of the route's", number(0, 2))
    .option(
      '--seed <number>',
      'sent with each question, one more each time, where the endpoint takes one',
      number(0, 2 ** 31),
    )
    .option('--samples <number>', 'ask each contract so often, whatever it says', number(1, 1_000))
    .option('--concurrency <number>', 'questions at once', number(1, 64), 4)
    .option('--deadline <seconds>', 'for one answer', number(1, 600), 60)
    .option('--json', 'the results as one JSON object')
    .action(test);
}

const collect = (value: string, all: readonly string[]): string[] => [...all, value];

const number =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It is a number from ${min} to ${max}.`);
  };

async function test(directory: string, flags: TestFlags): Promise<void> {
  const catalogs = flags.catalog.length > 0 ? flags.catalog : [join(directory, '..', 'catalog')];
  const [catalogue, files] = await Promise.all([catalogueIn(catalogs), filesIn([directory])]);
  const { contracts, problems } = readContracts(files);
  const unknown = contracts.flatMap((contract) => contractProblems(contract, catalogue));
  failOn('CONTRACTS_INVALID', 'The contracts', [...problems, ...unknown]);
  if (contracts.length === 0) throw missing('CONTRACTS_MISSING', `There is no contract in ${directory}.`);
  const questions = contracts.map((contract) => questionOf(contract, catalogue));
  const http = new HttpClient();
  try {
    const results = await runContracts(questions, {
      client: new HttpModelClient({ http, breakers: new Breakers() }),
      routeOf: (question, sample) => ({ ...routeOf(question, catalogue, flags), ...seedOf(flags, sample) }),
      concurrency: Math.floor(flags.concurrency),
      deadlineMs: flags.deadline * 1_000,
      samples: flags.samples,
      onResult: progress,
    });
    const ok = results.every((result) => result.ok);
    const text = flags.json ? JSON.stringify({ ok, contracts: results }) : contractTable(results, pc.isColorSupported);
    process.stdout.write(`${text}\n`);
    if (!ok) process.exitCode = 1;
  } finally {
    await http.close();
  }
}

const filesIn = async (directories: readonly string[]) => readManifestFiles(await findManifestFiles(directories));

/** Stands for a place that no variable says. */
const unset = 'http://unset.invalid';
const variableInText = /\$\{([A-Z0-9_]{1,128})\}/g;

/** Checked as the router does it, so that a model is never asked with tools that the fleet would refuse. */
async function catalogueIn(directories: readonly string[]): Promise<Catalogue> {
  const files = await filesIn(directories);
  const loaded = loadCatalogue(files, {
    toolClasses: ['read', 'write', 'export'],
    // No tool is called: where upstreams are need not be known, and a route without a place is told when it is taken.
    variable: (name) => environmentVariable(name) ?? unset,
    variablesAllowed: files.flatMap(({ text }) => [...text.matchAll(variableInText)].map(([, name]) => name!)),
    ofOperators: () => true,
  });
  if (!loaded.ok) failOn('CATALOG_INVALID', 'The manifests', loaded.problems);
  const catalogue = new Catalogue();
  for (const manifest of loaded.ok ? loaded.catalogue.manifests : []) catalogue.put(manifest);
  return catalogue;
}

const problemsShown = 20;

function failOn(reason: string, what: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.slice(0, problemsShown).map((problem) => `\n  ${textOfProblem(problem)}`);
  throw invalid(reason, `${what} have ${problems.length} problems:${lines.join('')}`);
}

function routeOf({ contract, route: name }: Question, catalogue: Catalogue, flags: TestFlags): ModelRoute {
  const { modelUrl, model, provider, apiKeyEnv, temperature } = flags;
  const own = temperature === undefined ? {} : { temperature };
  if (modelUrl === undefined) {
    const spec = name === undefined ? undefined : catalogue.get('ModelRoute', name);
    if (!spec) throw noModel(contract.name);
    if (spec.baseUrl.includes(unset)) throw noAddress(spec.name);
    return { ...spec, ...own, apiKey: keyOf(apiKeyEnv ?? spec.apiKeyEnv) };
  }
  if (model === undefined) throw invalid('MODEL_UNNAMED', '--model-url goes with --model.');
  const bounds = { stream: true, timeoutMs: flags.deadline * 1_000, concurrencyMax: 64 };
  return { ...{ name: 'contract', provider, baseUrl: modelUrl, model }, ...bounds, ...own, apiKey: keyOf(apiKeyEnv) };
}

const noAddress = (name: string) =>
  invalid('MODEL_URL_UNSET', `The ModelRoute ${name} names a variable that is not set.`, {
    hint: 'Set it, or give --model-url and --model.',
  });

const noModel = (contract: string) =>
  missing('MODEL_ROUTE_UNKNOWN', `The contract ${contract} names no agent, so it says no model.`, {
    hint: 'Give --model-url and --model.',
  });

function keyOf(variable: string | undefined): Secret | undefined {
  const key = variable === undefined ? undefined : environmentVariable(variable);
  return key ? new Secret(key) : undefined;
}

const seedOf = ({ seed }: TestFlags, sample: number) => (seed === undefined ? {} : { seed: Math.floor(seed) + sample });

const progress = ({ name, passed, samples }: ContractResult): void =>
  void process.stderr.write(`asked ${name}: ${passed} of ${samples}\n`);
