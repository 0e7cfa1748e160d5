/** Results of contracts as a table for people. What a model wrote steers no terminal. */
import pc from 'picocolors';
import type { ContractResult } from './run-contracts.js';

const reasonsShown = 3;
const reasonCharsMax = 200;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

export function contractTable(results: readonly ContractResult[], colours: boolean): string {
  const { bold, dim, green, red } = pc.createColors(colours);
  const width = Math.max(8, ...results.map(({ name }) => name.length));
  const lines = results.flatMap((result) => {
    const { name, samples, passed, passRate, required, ok, failures } = result;
    const counts = `${passed}/${samples}`.padStart(9);
    const rate = `${percent(passRate).padStart(6)} of ${percent(required)}`;
    const head = `${ok ? green('ok  ') : red('fail')} ${name.padEnd(width)} ${counts} ${rate}`;
    const shown = failures
      .slice(0, reasonsShown)
      .map((failure) => dim(`       ${failure.count}× ${short(failure.reason)}`));
    const more = failures.length - reasonsShown;
    return [head, ...shown, ...(more > 0 ? [dim(`       and ${more} other reasons`)] : [])];
  });
  const kept = results.filter(({ ok }) => ok).length;
  return [...lines, bold(`${kept} of ${results.length} contracts kept`)].join('\n');
}

function short(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return line.length > reasonCharsMax ? `${line.slice(0, reasonCharsMax)}…` : line;
}
