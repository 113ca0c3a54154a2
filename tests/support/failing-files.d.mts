export function failingFiles<F extends object>(files: F, every: number): F;
