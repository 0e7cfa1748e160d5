/**
 * TLS of our own gRPC, both sides from the same three files. They are looked at for changes; what cannot be read, or does not
 * fit together while it is being replaced, leaves what there was.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ServerCredentials, credentials, experimental } from '@grpc/grpc-js';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { chainOf } from '@toolfleet/kernel';
import { checkGrpcTls } from '../config/tls-settings.js';
import type { GrpcTlsSettings } from '../config/tls-settings.js';

type CertificateProvider = experimental.CertificateProvider;
type CaListener = Parameters<CertificateProvider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<CertificateProvider['addIdentityCertificateListener']>[0];

export interface GrpcTlsOptions {
  readonly log?: { warn(facts: object, message: string): void };
  readonly everyMs?: number;
}

/** Kubernetes takes up to a minute to swap a mounted Secret; certificates overlap for days. */
const everyMsDefault = 10_000;

/** Throws when the files cannot be read at first. Without a certificate: no TLS. */
export function grpcServerCredentials(settings: GrpcTlsSettings, options?: GrpcTlsOptions): ServerCredentials {
  checkGrpcTls(settings);
  if (settings.grpcTlsCertPath === undefined) return ServerCredentials.createInsecure();
  const files = new CertificateFiles(settings, options);
  const required = settings.grpcClientCert === 'required';
  return experimental.createCertificateProviderServerCredentials(files, required ? files : null, required);
}

/** With authorities alone the server is checked; with a certificate as well this process shows its own. */
export function grpcChannelCredentials(settings: GrpcTlsSettings, options?: GrpcTlsOptions): ChannelCredentials {
  checkGrpcTls(settings);
  if (settings.grpcTlsCaPath === undefined) return credentials.createInsecure();
  const files = new CertificateFiles(settings, options);
  return experimental.createCertificateProviderChannelCredentials(
    files,
    settings.grpcTlsCertPath === undefined ? null : files,
  );
}

interface Certificates {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

class CertificateFiles implements CertificateProvider {
  readonly #caListeners = new Set<CaListener>();
  readonly #identityListeners = new Set<IdentityListener>();
  #now: Certificates;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly paths: GrpcTlsSettings,
    private readonly options: GrpcTlsOptions = {},
  ) {
    this.#now = this.#read();
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    this.#watch();
    process.nextTick(() => this.#tellCa(listener));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
    this.#watch();
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    this.#watch();
    process.nextTick(() => this.#tellIdentity(listener));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
    this.#watch();
  }

  #watch(): void {
    if (this.#caListeners.size + this.#identityListeners.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer ??= setInterval(() => this.#look(), this.options.everyMs ?? everyMsDefault).unref();
  }

  #look(): void {
    try {
      const found = this.#read();
      const before = this.#now;
      this.#now = found;
      if (!isSame(found.ca, before.ca)) for (const listener of this.#caListeners) this.#tellCa(listener);
      if (isSame(found.cert, before.cert) && isSame(found.key, before.key)) return;
      for (const listener of this.#identityListeners) this.#tellIdentity(listener);
    } catch (error) {
      this.options.log?.warn({ chain: chainOf(error) }, 'certificates of gRPC cannot be read anew; those before go on');
    }
  }

  #read(): Certificates {
    const { grpcTlsCaPath, grpcTlsCertPath, grpcTlsKeyPath } = this.paths;
    const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
    const found = { ca: read(grpcTlsCaPath), cert: read(grpcTlsCertPath), key: read(grpcTlsKeyPath) };
    // A key that does not belong to its certificate is found here, and not by the next handshake.
    createSecureContext(found);
    return found;
  }

  #tellCa(listener: CaListener): void {
    const { ca } = this.#now;
    listener(ca === undefined ? null : { caCertificate: ca });
  }

  #tellIdentity(listener: IdentityListener): void {
    const { cert, key } = this.#now;
    listener(cert === undefined || key === undefined ? null : { certificate: cert, privateKey: key });
  }
}

const isSame = (one: Buffer | undefined, other: Buffer | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && one.equals(other));
