import { type Files, nodeFiles } from '../../src/lib/io/files.js';
import { openedWith } from './open-files.js';

/** The real files on a disk with `left` bytes of space. A write stores the part that fits, then the disk is full. */
export function smallDisk(): { readonly files: Files; left: number } {
  const disk = { files: nodeFiles, left: Number.POSITIVE_INFINITY };
  disk.files = openedWith(
    (file, path) => ({
      async write(data, position) {
        if (disk.left === 0) throw Object.assign(new Error('ENOSPC: small disk'), { code: 'ENOSPC', path });
        const written = await file.write(data.subarray(0, Math.min(data.length, disk.left)), position);
        disk.left -= written;
        return written;
      },
      async truncate(length) {
        const before = await file.size();
        await file.truncate(length);
        disk.left += before - length;
      },
    }),
    {
      async remove(path) {
        const size = (await nodeFiles.status(path))?.size ?? 0;
        await nodeFiles.remove(path);
        disk.left += size;
      },
    },
  );
  return disk;
}
