#!/usr/bin/env node
import module from 'node:module';

// Node 22 and later can keep compiled code between starts. This must be enabled before other modules are
// loaded.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') {
  module.enableCompileCache();
}
await import('./run.js');
