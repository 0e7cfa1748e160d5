/**
 * What a replayed model must know of a request: the first user message, how many answers came since, and whether to
 * stream. The bytes are scanned instead of parsed, because a long conversation comes again with every turn; a body that
 * is not written the compact way is parsed after all.
 */
export interface Ask {
  readonly input: string;
  /** Assistant messages since the first user message. */
  readonly answered: number;
  readonly stream: boolean;
}

/**
 * These byte runs cannot occur inside a JSON string, where every quote has a backslash before it; so a hit is structure.
 */
const userStart = Buffer.from('"role":"user","content":"');
const anyUser = Buffer.from('"role":"user"');
const assistant = Buffer.from('"role":"assistant"');
const streamOn = Buffer.from('"stream":true');
const quote = 0x22;
const backslash = 0x5c;

export function askOf(body: Buffer): Ask | undefined {
  return scanned(body) ?? parsedAsk(body);
}

function scanned(body: Buffer): Ask | undefined {
  const user = body.indexOf(anyUser);
  if (user === -1 || body.indexOf(userStart, user) !== user) return undefined;
  const from = user + userStart.length - 1;
  const to = stringEnd(body, from + 1);
  if (to === -1) return undefined;
  let answered = 0;
  for (let at = body.indexOf(assistant, to); at !== -1; at = body.indexOf(assistant, at + assistant.length)) {
    answered += 1;
  }
  try {
    const input: unknown = JSON.parse(body.toString('utf8', from, to + 1));
    return { input: String(input), answered, stream: body.includes(streamOn) };
  } catch {
    return undefined;
  }
}

/** The closing quote: the first one with an even number of backslashes before it. */
function stringEnd(body: Buffer, from: number): number {
  for (let at = body.indexOf(quote, from); at !== -1; at = body.indexOf(quote, at + 1)) {
    let slashes = 0;
    while (body[at - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

interface WireMessage {
  readonly role?: unknown;
  readonly content?: unknown;
}

function parsedAsk(body: Buffer): Ask | undefined {
  let request: { readonly messages?: unknown; readonly stream?: unknown } | null;
  try {
    request = JSON.parse(body.toString()) as typeof request;
  } catch {
    return undefined;
  }
  if (!Array.isArray(request?.messages)) return undefined;
  const messages = request.messages as readonly (WireMessage | null)[];
  const first = messages.findIndex((message) => message?.role === 'user');
  if (first === -1) return undefined;
  const answered = messages.slice(first).filter((message) => message?.role === 'assistant').length;
  return { input: textOf(messages[first]?.content), answered, stream: request.stream === true };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: unknown } | null) => (typeof part?.text === 'string' ? part.text : '')).join('');
}
