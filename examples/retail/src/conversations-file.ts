/** The recorded conversations as a file: one JSON line each, in the order of the tasks. */
import { missing } from '@toolfleet/kernel';
import { conversationOf, type RecordedConversation } from './conversations.js';
import { loadScenarios, loadTasks, packageDirectory } from './data.js';

export const conversationsFile = new URL('data/conversations.jsonl', packageDirectory);

export async function buildConversations(): Promise<readonly RecordedConversation[]> {
  const [tasks, scenarios] = await Promise.all([loadTasks(), loadScenarios()]);
  const scenarioOf = new Map(scenarios.map((scenario) => [scenario.id, scenario] as const));
  return tasks.map((task) => {
    const scenario = scenarioOf.get(task.id);
    if (scenario === undefined) throw missing('SCENARIO_MISSING', `Task ${task.id} has no scenario in tasks.jsonl`);
    return conversationOf(task, scenario);
  });
}

export async function conversationsText(): Promise<string> {
  const conversations = await buildConversations();
  return conversations.map((conversation) => `${JSON.stringify(conversation)}\n`).join('');
}
