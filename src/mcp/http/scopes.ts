import { toolByName } from '../tools/handlers.js';
import { allScopes, type Identity, type Scope } from './identity.js';
import { Refusal } from './refusal.js';

const readingMethods = /^(resources\/(?!templates\/)|prompts\/get$|completion\/|subscriptions\/)/;

/** The scopes that a JSON-RPC message requires; none when it shows nothing of the memory. */
export function scopesOf(message: unknown): readonly Scope[] {
  if (typeof message !== 'object' || message === null || !('method' in message)) return [];
  const { method } = message;
  if (method === 'tools/call') return 'params' in message ? scopesOfCall(message.params) : [];
  return typeof method === 'string' && readingMethods.test(method) ? ['memory:read'] : [];
}

/** Throws a Refusal that tells a client which scopes to request from its authorization server. */
export function checkScopes(identity: Identity, body: unknown, challenge: (error: string) => string): void {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  requireScopes(identity, messages.flatMap(scopesOf), challenge);
}

/** Throws that Refusal when one of these scopes is missing. */
export function requireScopes(
  identity: Identity,
  scopes: readonly Scope[],
  challenge: (error: string) => string,
): void {
  const needed = new Set(scopes);
  const missing = [...needed].filter((scope) => !identity.scopes.has(scope));
  if (missing.length === 0) return;
  // Includes the present scopes, because the next token replaces this one.
  const wanted = allScopes.filter((scope) => needed.has(scope) || identity.scopes.has(scope)).join(' ');
  throw new Refusal(403, `This token lacks the scope ${missing.join(' and ')}. Request one that has it.`, {
    headers: { 'WWW-Authenticate': challenge(`error="insufficient_scope", scope="${wanted}"`) },
  });
}

function scopesOfCall(params: unknown): readonly Scope[] {
  const name = typeof params === 'object' && params !== null && 'name' in params ? params.name : undefined;
  const tool = typeof name === 'string' ? toolByName.get(name) : undefined;
  if (tool === undefined) return [];
  if (tool.annotations.readOnlyHint) return ['memory:read'];
  return tool.alsoReads ? allScopes : ['memory:write'];
}
