/** Memory that the caller gives to a module. */
export interface ModuleMemory {
  readonly buffer: ArrayBuffer;
}

/** The part of WebAssembly used here. Node provides it, but its type declarations do not. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number }) => ModuleMemory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const pageBytes = 64 * 1024;

/** Memory of at least so many bytes. */
export function moduleMemory(bytes: number): ModuleMemory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
}

/** The exports of a compiled module. `memory`: for a module that imports its memory as `env.memory`. */
export function exportsOf(compiled: Uint8Array, memory?: ModuleMemory): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(compiled), { env: { memory } }).exports;
}
