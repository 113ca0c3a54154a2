import { setImmediate as nextTurn } from 'node:timers/promises';
import { normalise } from '../lib/math/vectors.js';
import { isUnspaced, runsOf, termsOfTokens } from '../lib/text/words.js';
import { MemoryError } from '../model/errors.js';
import type { Embedder } from '../ports/embedder.js';

const dimensions = 256;
/**
 * Total weight of a word's n-grams; its stem has weight 1. N-grams relate word forms that no stemmer relates.
 */
const gramShare = 0.7;
const gramLengths = [3, 4] as const;
/** Only this much text is read; more text hardly changes the direction of the 256 numbers. */
const charactersMax = 16 * 1024;
/** Yields to the event loop after this time. */
const workMs = 20;

/**
 * An embedder that needs no model and no network. It hashes features with a sign into 256 numbers (Weinberger
 * et al., ICML 2009). The features are stems, character n-grams and, in scripts without spaces, characters
 * and pairs of characters. A repeated feature is weighted by the square root of its count. The vectors
 * reflect spelling, not meaning: synonyms are not near each other. The same text gives the same bits on every
 * platform.
 */
export function createBuiltinEmbedder(): Embedder {
  return {
    model: 'builtin-v1',
    dimensions,
    immediate: true,
    knowsSpellingOnly: true,
    async embed(texts, signal) {
      const vectors: Float32Array[] = [];
      let turnAtMs = performance.now() + workMs;
      for (const text of texts) {
        if (signal?.aborted) throw new MemoryError('CANCELLED', 'Embedding was cancelled by the caller.');
        vectors.push(embedOne(text.slice(0, charactersMax)));
        if (performance.now() < turnAtMs) continue;
        await nextTurn();
        turnAtMs = performance.now() + workMs;
      }
      return vectors;
    },
  };
}

function embedOne(text: string): Float32Array {
  const vector = new Float32Array(dimensions);
  const runs = runsOf(text);
  const phrases = runs.filter(isUnspaced);
  const spaced = phrases.length === 0 ? runs : runs.filter((run) => !isUnspaced(run));
  const counts = new Map<string, number>();
  const terms = termsOfTokens(spaced);
  // "Who is it?" has only stop words. They are used if there is nothing else.
  for (const term of terms.length === 0 ? spaced : terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  for (const [term, count] of counts) addWord(vector, term, Math.sqrt(count));
  const pieces = new Map<string, number>();
  for (const phrase of phrases) countPieces(pieces, phrase);
  for (const [piece, count] of pieces) {
    addFeature(vector, hashOf(piece, 0, piece.length), Math.sqrt(count) * (piece.length > 1 ? 1 : 0.3));
  }
  return normalise(vector);
}

/**
 * Counts characters and pairs of characters. In Chinese, a pair is about a word, and it does not depend on
 * how a segmenter splits the text.
 */
function countPieces(pieces: Map<string, number>, phrase: string): void {
  for (let i = 0; i < phrase.length; i++) {
    for (const piece of [phrase.slice(i, i + 1), phrase.slice(i, i + 2)]) {
      if (piece.length === 2 || i + 1 < phrase.length || phrase.length === 1) {
        pieces.set(piece, (pieces.get(piece) ?? 0) + 1);
      }
    }
  }
}

function addWord(vector: Float32Array, term: string, weight: number): void {
  addFeature(vector, hashOf(term, 0, term.length), weight);
  const bounded = `<${term}>`;
  const grams = gramLengths.reduce((sum, length) => sum + Math.max(0, bounded.length - length + 1), 0);
  if (grams < 2) return;
  const share = (weight * gramShare) / Math.sqrt(grams);
  for (const length of gramLengths) {
    for (let i = 0; i + length <= bounded.length; i++) {
      addFeature(vector, hashOf(bounded, i, i + length) ^ length, share);
    }
  }
}

function addFeature(vector: Float32Array, hash: number, weight: number): void {
  const mixed = mix(hash);
  const at = mixed & (dimensions - 1);
  vector[at] = (vector[at] ?? 0) + ((mixed & dimensions) === 0 ? weight : -weight);
}

/** FNV-1a over UTF-16 units. */
function hashOf(text: string, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/**
 * The finaliser of MurmurHash3. Every input bit affects the low bits, which determine the position and the
 * sign.
 */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
