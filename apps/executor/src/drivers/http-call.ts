/**
 * From the arguments of a call to the parts of its request, as the tool's binding says. Nothing that an argument holds can
 * leave its place: values are encoded in path, query and form, and refused where they cannot stand in a header.
 */
import type { ArgumentStyle, HttpBinding, UpstreamSpec } from '@toolfleet/kernel';
import { invalid } from '@toolfleet/kernel';

export interface HttpCall {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Of the body; absent when there is none. */
  readonly contentType: string | undefined;
}

type Args = Readonly<Record<string, unknown>>;

/** Every argument is used once: in the path, else in the query, else in a header, else in the body. Throws `invalid`. */
export function httpCallOf(upstream: UpstreamSpec, binding: HttpBinding, args: Args): HttpCall {
  const rest = new Map(Object.entries(args));
  const path = pathOf(binding, args, rest);
  const query = new URLSearchParams();
  for (const argument of binding.query) {
    for (const [name, text] of pairsOf(binding, argument, take(rest, argument))) query.append(name, text);
  }
  const headers: Record<string, string> = {};
  for (const argument of binding.headers ?? []) {
    const pairs = pairsOf(binding, argument, take(rest, argument));
    if (pairs.length > 0) headers[wireNameOf(binding, argument).toLowerCase()] = headerOf(argument, pairs);
  }
  const search = query.size > 0 ? `?${query}` : '';
  return { url: upstream.baseUrl.replace(/\/$/, '') + path + search, headers, ...bodyOf(binding, rest) };
}

function take(rest: Map<string, unknown>, argument: string): unknown {
  const value = rest.get(argument);
  rest.delete(argument);
  return value;
}

function pathOf(binding: HttpBinding, args: Args, rest: Map<string, unknown>): string {
  const path = binding.path.replace(/\{([A-Za-z0-9_]+)\}/g, (_, name: string) => {
    const value = args[name];
    if (value === undefined) throw unsent('PATH_PARAMETER_MISSING', `The call needs the argument ${name}.`);
    rest.delete(name);
    const text = textOf(value);
    // An empty part addresses the whole collection, half a surrogate pair cannot be written.
    if (text === '' || !text.isWellFormed()) throw unsent('PATH_PARAMETER_INVALID', `The argument ${name} is no name.`);
    return encodeURIComponent(text);
  });
  // A URL takes dots for steps upwards, also percent-encoded ones: such an argument would choose another resource.
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(path)) throw unsent('PATH_PARAMETER_INVALID', 'Dots are no name.');
  return path;
}

const separators: Partial<Record<ArgumentStyle, string>> = { comma: ',', space: ' ', pipe: '|' };

function pairsOf(binding: HttpBinding, argument: string, value: unknown): [string, string][] {
  if (value === undefined) return [];
  const name = wireNameOf(binding, argument);
  const style = Object.hasOwn(binding.styles ?? {}, argument) ? binding.styles?.[argument] : undefined;
  if (Array.isArray(value) && style !== 'json') {
    const separator = style && separators[style];
    const texts = value.map(textOf);
    if (separator !== undefined) return texts.length > 0 ? [[name, texts.join(separator)]] : [];
    return texts.map((text) => [name, text]);
  }
  if (value !== null && typeof value === 'object' && (style === 'deep' || style === 'spread')) {
    return Object.entries(value).map(([key, part]) => [style === 'deep' ? `${name}[${key}]` : key, textOf(part)]);
  }
  return [[name, textOf(value)]];
}

/** Line breaks would begin another header; other characters have no agreed form there. */
function headerOf(argument: string, pairs: readonly [string, string][]): string {
  const text = pairs.map(([, value]) => value).join(',');
  if (!/^[\t\x20-\x7e]*$/.test(text)) throw unsent('HEADER_INVALID', `The argument ${argument} cannot be a header.`);
  return text;
}

function bodyOf(binding: HttpBinding, rest: Map<string, unknown>): Pick<HttpCall, 'body' | 'contentType'> {
  if (binding.body === 'none') return { body: undefined, contentType: undefined };
  if (binding.body === 'form') {
    const pairs = [...rest].flatMap(([argument, value]) => pairsOf(binding, argument, value));
    return { body: String(new URLSearchParams(pairs)), contentType: 'application/x-www-form-urlencoded' };
  }
  const { bodyArgument } = binding;
  const whole = bodyArgument === undefined ? renamed(binding, rest) : rest.get(bodyArgument);
  const contentType = whole === undefined ? undefined : 'application/json';
  return { body: JSON.stringify(whole), contentType };
}

const renamed = (binding: HttpBinding, rest: Map<string, unknown>) =>
  Object.fromEntries([...rest].map(([argument, value]) => [wireNameOf(binding, argument), value]));

/** An argument may have the name of something that every object has. */
const wireNameOf = ({ names = {} }: HttpBinding, argument: string): string =>
  Object.hasOwn(names, argument) ? names[argument]! : argument;

const unsent = (reason: string, message: string) => invalid(reason, message, { details: { sent: 'no' } });
const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
