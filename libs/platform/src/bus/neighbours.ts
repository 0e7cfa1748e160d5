/**
 * The other processes of this host that records are handed to: this one listens on a Unix socket of its own, and connects to
 * the sockets of those that it is told of, again and again while they are away. Of two processes one is told of the other.
 *
 * A socket is reached by whoever may write to it, so its folder must be its owner's alone: a neighbour is trusted like the
 * bus behind its credentials.
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Logger } from '../telemetry/log.js';
import { backOff, endsWithin } from '../waits.js';
import type { HandOver } from './hand-over.js';
import { NeighbourLink } from './neighbour-link.js';

export interface NeighboursOptions {
  /** Path of the socket that others connect to. */
  readonly listenAt?: string | undefined;
  /** Paths of the sockets of others. */
  readonly connectTo: readonly string[];
  readonly handOver: HandOver;
  readonly log: Logger;
  readonly onHop?: (topic: string, tookMs: number) => void;
}

const reconnect = { first: 50, max: 1_000 } as const;
/** Of what a link still has to say when this process ends. */
const closeMsMax = 1_000;

export class Neighbours {
  readonly #links = new Set<NeighbourLink>();
  readonly #closing = new AbortController();
  readonly #connecting: Promise<void>[] = [];
  #server: Server | undefined;

  constructor(private readonly options: NeighboursOptions) {}

  /** Records that neighbours have and have not told the end of. */
  get waiting(): number {
    let waiting = 0;
    for (const link of this.#links) waiting += link.waiting;
    return waiting;
  }

  get connected(): number {
    return this.#links.size;
  }

  /** Resolves when others can connect; those that this process connects to may come later. */
  async start(): Promise<void> {
    const { listenAt, connectTo } = this.options;
    if (listenAt !== undefined) await this.#listen(listenAt);
    for (const path of connectTo) this.#connecting.push(this.#keepConnected(path));
  }

  /** Resolves when every link has said its last, or after a second. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#server?.close();
    const links = [...this.#links];
    for (const link of links) link.close();
    await endsWithin(Promise.all(links.map(({ ended }) => ended)), closeMsMax);
    for (const link of links) link.destroy();
    await Promise.all(this.#connecting);
  }

  async #listen(path: string): Promise<void> {
    // One that was killed leaves its socket behind.
    await rm(path, { force: true });
    this.#server = createServer((socket) => void this.#link(socket));
    this.#server.listen(path);
    await once(this.#server, 'listening');
    this.#server.on('error', (error) => this.options.log.warn({ err: error }, 'a neighbour could not connect'));
  }

  async #keepConnected(path: string): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const socket = connect(path);
      // Also one that fails when nobody waits for it any more.
      socket.on('error', () => undefined);
      try {
        // oxlint-disable-next-line no-await-in-loop
        await once(socket, 'connect', { signal });
        failures = 0;
        // oxlint-disable-next-line no-await-in-loop
        await this.#link(socket);
      } catch {
        socket.destroy();
      }
      // oxlint-disable-next-line no-await-in-loop
      await backOff(failures, reconnect, signal);
    }
  }

  /** Resolves when the connection has ended. */
  async #link(socket: Socket): Promise<void> {
    const { handOver, log, onHop } = this.options;
    const link: NeighbourLink = new NeighbourLink(socket, {
      topics: handOver.topics,
      ...{ log, onHop },
      take: (record, reader, handedOver) => handOver.take(record, reader, handedOver),
      onOpen: () => {
        handOver.join(link);
        log.info('a neighbour is there');
      },
    });
    this.#links.add(link);
    await link.ended;
    this.#links.delete(link);
    if (handOver.leave(link)) log.info('a neighbour is gone');
  }
}
