/** What the waiting lines of a process may keep at hand together, so that many tenants who wait cost no more than a few. */
export class LineMemory {
  bytes = 0;

  constructor(private readonly bytesMax: number = 32 * 2 ** 20) {}

  get isFull(): boolean {
    return this.bytes >= this.bytesMax;
  }
}
