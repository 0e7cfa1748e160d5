/** Certificates for specs, made by openssl: one authority, and what it signs for this machine. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export interface TestCertificate {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
}

export class TestAuthority {
  private constructor(
    private readonly directory: string,
    private readonly name: string,
  ) {}

  /** Path of its own certificate. */
  get ca(): string {
    return join(this.directory, `${this.name}.pem`);
  }

  static async create(directory: string, name = 'ca'): Promise<TestAuthority> {
    const authority = new TestAuthority(directory, name);
    const keyPath = join(directory, `${name}.key`);
    const made = ['req', '-x509', ...newKey, '-days', '2', '-subj', `/CN=${name}`];
    await run('openssl', [...made, '-keyout', keyPath, '-out', authority.ca]);
    return authority;
  }

  /** For 127.0.0.1 and localhost, as server and as client; of the same name again it replaces the files. */
  async sign(name: string): Promise<TestCertificate> {
    const file = (ending: string): string => join(this.directory, `${name}.${ending}`);
    await writeFile(file('ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n');
    await run('openssl', ['req', ...newKey, '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('csr')]);
    const authority = ['-CA', this.ca, '-CAkey', join(this.directory, `${this.name}.key`), '-CAcreateserial'];
    const signed = ['x509', '-req', '-in', file('csr'), ...authority, '-days', '2', '-extfile', file('ext')];
    await run('openssl', [...signed, '-out', file('pem')]);
    return { cert: file('pem'), key: file('key') };
  }
}
