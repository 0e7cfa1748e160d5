/** A migrated database of its own, and what admission reads and writes in it. */
import { Database, PostgresSessionStore, PostgresWaitingRoom, migrate } from '@toolfleet/platform/postgres';
import { databaseForTests } from '@toolfleet/testkit';

export class StoredSessions {
  readonly store: PostgresSessionStore;
  readonly room: PostgresWaitingRoom;

  private constructor(
    readonly database: Database,
    private readonly stopParts: () => Promise<void>,
  ) {
    this.store = new PostgresSessionStore(database);
    this.room = new PostgresWaitingRoom(database);
  }

  static async open(): Promise<StoredSessions> {
    const parts = await databaseForTests();
    await migrate(parts.url);
    const database = new Database({ url: parts.url, applicationName: 'policy spec' });
    return new StoredSessions(database, () => parts.stop());
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.stopParts();
  }
}
