/**
 * Which operation a method and a path mean. Path segments are percent-decoded one by one, so an id may hold `#` or `/`.
 */
import { invalid, missing } from '@toolfleet/kernel';
import { methodOf, type Operation } from './operations.js';

export interface Match {
  readonly operation: Operation;
  readonly pathArguments: Readonly<Record<string, string>>;
}

interface Route {
  readonly operation: Operation;
  readonly segments: readonly string[];
}

export class Routes {
  private readonly routes: readonly Route[];

  constructor(operations: readonly Operation[]) {
    this.routes = operations.map((operation) => ({ operation, segments: segmentsOf(operation.path) }));
  }

  match(method: string, pathname: string): Match {
    const segments = segmentsOf(pathname).map(decodedSegment);
    const candidates = this.routes.filter((route) => fits(route.segments, segments));
    if (candidates.length === 0) throw missing('PATH_NOT_FOUND', 'There is nothing at this path');
    const route = candidates.find(({ operation }) => methodOf[operation.effect] === method);
    if (route === undefined) throw invalid('METHOD_NOT_ALLOWED', `This path does not take ${method.slice(0, 20)}`);
    const named = route.segments.flatMap((segment, at) =>
      isPlaceholder(segment) ? [[segment.slice(1, -1), segments[at] ?? ''] as const] : [],
    );
    return { operation: route.operation, pathArguments: Object.fromEntries(named) };
  }
}

const segmentsOf = (path: string): string[] => path.split('/').slice(1);
const isPlaceholder = (segment: string): boolean => segment.startsWith('{');

function fits(route: readonly string[], segments: readonly string[]): boolean {
  return (
    route.length === segments.length &&
    route.every((segment, at) => (isPlaceholder(segment) ? segments[at] !== '' : segment === segments[at]))
  );
}

export function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw invalid('PATH_INVALID', 'The path is not valid percent-encoding', { cause });
  }
}
