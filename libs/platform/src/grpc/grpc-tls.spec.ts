/** Mutual TLS between our own services, and certificates that change while they talk. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import { Server } from '@grpc/grpc-js';
import { TestAuthority, eventually } from '@toolfleet/testkit';
import type { TestCertificate } from '@toolfleet/testkit';
import { readSettings } from '../config/settings.js';
import { grpcTlsSettings } from '../config/tls-settings.js';
import { GrpcClient } from './grpc-client.js';
import { grpcChannelCredentials, grpcServerCredentials } from './grpc-tls.js';

const everyMs = 50;
let directory: string;
let authority: TestAuthority;
let stranger: TestAuthority;
let server: Server;
let address: string;
let own: TestCertificate;
let client: TestCertificate;
let other: TestCertificate;

const settingsOf = (change: Readonly<Record<string, string>>) => readSettings(grpcTlsSettings, change, () => '');
const filesOf = ({ cert, key }: TestCertificate, ca: string) => ({
  TOOLFLEET_GRPC_TLS_CERT_PATH: cert,
  TOOLFLEET_GRPC_TLS_KEY_PATH: key,
  TOOLFLEET_GRPC_TLS_CA_PATH: ca,
});

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolfleet-tls-'));
  authority = await TestAuthority.create(directory);
  stranger = await TestAuthority.create(directory, 'stranger');
  [own, client] = [await authority.sign('server'), await authority.sign('client')];
  other = await stranger.sign('other');
  server = new Server();
  const echo = (bytes: Buffer): Buffer => bytes;
  const path = '/test.Echo/Say';
  const method = { path, requestStream: false, responseStream: false } as const;
  const codecs = {
    requestSerialize: echo,
    requestDeserialize: echo,
    responseSerialize: echo,
    responseDeserialize: echo,
  };
  server.addService(
    { say: { ...method, ...codecs } },
    { say: (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => answer(null, call.request) },
  );
  const settings = settingsOf({ ...filesOf(own, authority.ca), TOOLFLEET_GRPC_CLIENT_CERT: 'required' });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpcServerCredentials(settings, { everyMs }), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  address = `127.0.0.1:${port}`;
});

after(async () => {
  server?.forceShutdown();
  await rm(directory, { recursive: true, force: true });
});

async function say(change: Readonly<Record<string, string>>): Promise<string> {
  const grpc = new GrpcClient({ address, deadlineMs: 3_000, channel: grpcChannelCredentials(settingsOf(change)) });
  try {
    return Buffer.from(await grpc.unary('test.Echo/Say', Buffer.from('hello'))).toString();
  } finally {
    grpc.close();
  }
}

/** The number of the certificate that the server shows. */
async function serial(): Promise<string> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host!, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket.getPeerCertificate().serialNumber)).once('error', reject);
  }).finally(() => socket.destroy()) as Promise<string>;
}

describe('gRPC between services', () => {
  it('is answered to whoever shows a certificate of the fleet’s authority, and to nobody else', async () => {
    assert.equal(await say(filesOf(client, authority.ca)), 'hello');
    const refused: readonly Readonly<Record<string, string>>[] = [
      {},
      { TOOLFLEET_GRPC_TLS_CA_PATH: authority.ca },
      filesOf(other, authority.ca),
    ];
    for (const change of refused) {
      // oxlint-disable-next-line no-await-in-loop
      await assert.rejects(say(change), (error: { kind: string }) => ['unreachable', 'expired'].includes(error.kind));
    }
  });

  it('goes to no server of another authority', async () => {
    await assert.rejects(say(filesOf(client, stranger.ca)), (error: { kind: string }) => error.kind !== 'missing');
  });

  it('shows a new certificate without a restart, and keeps the old one while files do not fit together', async () => {
    const before = await serial();
    await copyFile(other.key, own.key);
    await new Promise((resolve) => setTimeout(resolve, 4 * everyMs));
    assert.equal(await serial(), before);
    await authority.sign('server');
    await eventually(async () => (await serial()) !== before, { withinMs: 10_000 });
    assert.equal(await say(filesOf(client, authority.ca)), 'hello');
  });

  it('does not start with files that are missing or of which some are', () => {
    assert.throws(() => grpcServerCredentials(settingsOf({ TOOLFLEET_GRPC_CLIENT_CERT: 'required' })), /TLS_\* are/);
    assert.throws(() => grpcServerCredentials(settingsOf({ TOOLFLEET_GRPC_TLS_CERT_PATH: 'x' })), /set together/);
    const gone = { TOOLFLEET_GRPC_TLS_CERT_PATH: '/nowhere', TOOLFLEET_GRPC_TLS_KEY_PATH: '/nowhere' };
    assert.throws(() => grpcServerCredentials(settingsOf(gone)), /ENOENT/);
  });
});
