import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Files } from '../../agent/system/files.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const failing = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );

/** What every adapter of the port `Files` must do on a real file system. */
export function filesSuite(name: string, create: () => Files): void {
  describe(`${name} as files`, () => {
    const setUp = (): { files: Files; at: (path: string) => string } => {
      const directory = temporaryDirectory();
      return { files: create(), at: (path) => join(directory, path) };
    };

    it('writes a new file from bytes or pieces, and never over another or through a link', async () => {
      const { files, at } = setUp();
      const options = { mode: 0o640, sync: true };
      expect(await files.writeNew(at('a'), Buffer.from('bytes'), options)).toBe(5);
      expect(await files.writeNew(at('b'), pieces('one', 'two'), options)).toBe(6);
      expect(Buffer.from(await files.readFile(at('b'))).toString()).toBe('onetwo');
      expect(await failing(files.writeNew(at('a'), Buffer.from('x'), options))).toBe('EEXIST');
      await files.symlink('c', at('link'));
      expect(await failing(files.writeNew(at('link'), Buffer.from('x'), options))).toBe('EEXIST');
      expect(await files.lstat(at('c'))).toBeUndefined();
    });

    it('keeps the error of the content, and what came before it', async () => {
      const { files, at } = setUp();
      async function* broken(): AsyncIterable<Uint8Array> {
        yield Buffer.from('first');
        throw Object.assign(new Error('source'), { code: 'SOURCE' });
      }
      expect(await failing(files.writeNew(at('a'), broken(), { mode: 0o600, sync: false }))).toBe(
        'SOURCE',
      );
      expect(await failing(files.appendStream(at('b'), broken()))).toBe('SOURCE');
      expect(readFileSync(at('b'), 'utf8')).toBe('first');
    });

    it('appends', async () => {
      const { files, at } = setUp();
      await files.append(at('j'), Buffer.from('1\n'));
      await files.append(at('j'), Buffer.from('2\n'));
      expect(await files.appendStream(at('j'), pieces('3', '\n'))).toBe(2);
      expect(readFileSync(at('j'), 'utf8')).toBe('1\n2\n3\n');
      expect((await files.lstat(at('j')))?.mode).toBe(0o600);
    });

    it('tells the entry itself, not what a link points to', async () => {
      const { files, at } = setUp();
      await files.writeNew(at('f'), Buffer.from('abc'), { mode: 0o600, sync: false });
      await files.symlink('f', at('l'));
      await files.link(at('f'), at('h'));
      await files.makeDirectory(at('d'), 0o2750);
      expect(await files.lstat(at('l'))).toMatchObject({ type: 'symlink' });
      expect(await files.lstat(at('f'))).toMatchObject({ type: 'file', size: 3, links: 2 });
      expect((await files.lstat(at('h')))?.inode).toBe((await files.lstat(at('f')))?.inode);
      expect(await files.lstat(at('d'))).toMatchObject({ type: 'directory', mode: 0o2750 });
      expect(await files.lstat('/dev/null')).toMatchObject({ type: 'other' });
      expect(await files.lstat(at('none'))).toBeUndefined();
      expect(await files.lstat(at('f/below'))).toBeUndefined();
      expect(await files.readLink(at('l'))).toBe('f');
      expect((await files.readDirectory(at('.'))).sort()).toEqual(['d', 'f', 'h', 'l']);
    });

    it('makes a second name of a link, not of what it points to', async () => {
      const { files, at } = setUp();
      await files.symlink('nowhere', at('l'));
      await files.link(at('l'), at('m'));
      expect(await files.readLink(at('m'))).toBe('nowhere');
    });

    it('sets bits and times, of links too', async () => {
      const { files, at } = setUp();
      await files.writeNew(at('f'), Buffer.from(''), { mode: 0o600, sync: false });
      await files.symlink('f', at('l'));
      await files.chmod(at('f'), 0o6755);
      await files.setModified(at('f'), 1_400_000_000_000);
      await files.setModified(at('l'), 1_300_000_000_000);
      expect(await files.lstat(at('f'))).toMatchObject({
        mode: 0o6755,
        modifiedMs: 1_400_000_000_000,
      });
      expect(await files.lstat(at('l'))).toMatchObject({ modifiedMs: 1_300_000_000_000 });
      const { uid = 0, gid = 0 } = (await files.lstat(at('l'))) ?? {};
      await files.chown(at('l'), uid, gid);
    });

    it('renames over files and links, removes, and says why it cannot', async () => {
      const { files, at } = setUp();
      await files.writeNew(at('a'), Buffer.from('a'), { mode: 0o600, sync: false });
      await files.symlink('x', at('b'));
      await files.rename(at('a'), at('b'));
      expect(readFileSync(at('b'), 'utf8')).toBe('a');
      await files.makeDirectory(at('d'), 0o755);
      await files.writeNew(at('d/f'), Buffer.from(''), { mode: 0o600, sync: false });
      expect(await failing(files.removeDirectory(at('d')))).toBe('ENOTEMPTY');
      expect(await failing(files.rename(at('b'), at('d')))).toMatch(/EISDIR|ENOTEMPTY|EEXIST/);
      await files.unlink(at('d/f'));
      await files.removeDirectory(at('d'));
      expect(await failing(files.unlink(at('d')))).toBe('ENOENT');
    });

    it('makes things durable and tells the room that is left', async () => {
      const { files, at } = setUp();
      await files.writeNew(at('f'), Buffer.from('x'), { mode: 0o600, sync: false });
      await files.syncFile(at('f'));
      await files.syncDirectory(at('.'));
      const free = await files.freeSpace(at('.'));
      expect(free.bytes).toBeGreaterThan(0);
      expect(free.inodes).toBeGreaterThan(0);
    });

    it('reads in pieces', async () => {
      const { files, at } = setUp();
      const content = Buffer.alloc(1_000_000, 'x');
      await files.writeNew(at('f'), content, { mode: 0o600, sync: false });
      let bytes = 0;
      for await (const piece of files.readStream(at('f'))) bytes += piece.length;
      expect(bytes).toBe(content.length);
    });
  });
}
