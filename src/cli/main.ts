#!/usr/bin/env node
import module from 'node:module';

// Node 22 and later keep compiled code between starts; it must be asked before anything else is loaded.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') {
  module.enableCompileCache();
}
await import('./run.js');
