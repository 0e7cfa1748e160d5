/**
 * The two conversations that are measured. A plan is known to the stub model, which plays it, and to the load generator,
 * which checks that every session did all of it; nothing else of the fleet knows that there are plans.
 */
export type PlanName = 'short' | 'long';

/** The tools a turn asks for at once; the turn after the last one is the final answer. */
export interface Plan {
  readonly name: PlanName;
  readonly toolTurns: readonly (readonly ToolName[])[];
  readonly turns: number;
  readonly calls: number;
  /** Model turns and tool calls: what the cost of a long session is divided by. */
  readonly steps: number;
}

export type ToolName = 'get_customer' | 'get_order' | 'update_order';

const toolOf = { c: 'get_customer', o: 'get_order', w: 'update_order' } as const satisfies Record<string, ToolName>;

/** `co co w`: two reads at once, two reads at once, a write. */
function planOf(name: PlanName, spelled: string): Plan {
  const toolTurns = spelled
    .split(' ')
    .map((turn) => Array.from(turn, (letter) => toolOf[letter as keyof typeof toolOf]));
  const turns = toolTurns.length + 1;
  const calls = toolTurns.flat().length;
  return { name, toolTurns, turns, calls, steps: turns + calls };
}

export const plans: Readonly<Record<PlanName, Plan>> = {
  short: planOf('short', 'co w'),
  /** 11 turns of two reads, 5 of three, 3 writes alone: 22 + 15 + 3 = 40 calls in 19 turns, and the answer. */
  long: planOf('long', 'co co coo co w co coo co co w co coo co coo co w co coo co'),
};

export const planNames = Object.keys(plans) as readonly PlanName[];

/** Of one length, so that what is sent does not grow while a run lasts. */
export const orderIdChars = 12;

export function orderIdOf(count: number): string {
  return `o${count.toString(36).padStart(orderIdChars - 1, '0')}`;
}

/** Tools are named across the whole catalogue, so those of a shop carry its name; the plain benchmark's has none. */
export function toolNameOf(tool: ToolName, shop: string): string {
  return shop === '' ? tool : `${tool}_${shop}`;
}

/** The user's message is all the model is told: which plan to play, on which order of the session's own, in which shop. */
export function inputOf(plan: PlanName, orderId: string, shop = ''): string {
  const named = shop === '' ? '' : `shop=${shop} `;
  return `bench plan=${plan} order=${orderId} ${named}Please look at my order and note that it may be left with a neighbour.`;
}
