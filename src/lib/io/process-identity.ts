import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies a process, so that others can tell whether it has ended. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Digest of host name, boot and process namespace. Process ids are comparable only when it is equal. */
  readonly host: string;
  /** When the process started, in clock ticks since boot; '' when unknown. */
  readonly started: string;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, host: hostDigest(), started: statusOf(process.pid).started };
  return own;
}
let own: ProcessIdentity | undefined;

/** 64 random bits for unique names. */
export function randomToken(): string {
  return randomBytes(8).toString('hex');
}

/** True only when the process has certainly ended; false when it is alive or cannot be checked from here. */
export function isGone(other: ProcessIdentity): boolean {
  const me = ownIdentity();
  if (other.host !== me.host) return false;
  if (other.pid === me.pid) return other.started !== '' && other.started !== me.started;
  if (!isAlive(other.pid)) return true;
  const { state, started } = statusOf(other.pid);
  return state === 'Z' || (started !== '' && other.started !== '' && started !== other.started);
}

/** Whether this host has a process with this id, also one of another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

function hostDigest(): string {
  const parts = [hostname(), readOr('/proc/sys/kernel/random/boot_id'), linkOr('/proc/self/ns/pid')];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

/**
 * Fields 3 and 22 of /proc/<pid>/stat. The name in field 2 may contain spaces and brackets. State Z is a
 * zombie.
 */
function statusOf(pid: number): { state: string; started: string } {
  const text = readOr(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', started: fields[19] ?? '' };
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
