import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Type from 'typebox';
import Value from 'typebox/value';
import { jsonBytes, readJsonFile, replaceFile } from './state-file.ts';
import type { Files } from './system/files.ts';

const SavedProposal = Type.Object({
  schema: Type.Literal('jamesc.enrolling/1'),
  device: Type.String({ minLength: 1 }),
  secret: Type.String({ minLength: 1 }),
});

/** The secret that the agent asks the server to take. It is on disk before it is sent, so no lost answer loses it. */
export interface ProposedSecret {
  /** 256 random bits as base64url. */
  secret: string;
  /** An earlier run made it: the server may have taken it already. */
  isOld: boolean;
}

/** The secret that an earlier run proposed for this device and got no answer to, or a new one. */
export async function proposeSecret(
  files: Files,
  state: string,
  device: string,
): Promise<ProposedSecret> {
  const saved = await readJsonFile(files, pathIn(state));
  if (Value.Check(SavedProposal, saved) && saved.device === device)
    return { secret: saved.secret, isOld: true };
  const secret = randomBytes(32).toString('base64url');
  const proposal = { schema: 'jamesc.enrolling/1', device, secret };
  await replaceFile(files, pathIn(state), jsonBytes(proposal), { mode: 0o600 });
  return { secret, isOld: false };
}

/** The identity is saved: the proposal has done its work. */
export async function dropProposal(files: Files, state: string): Promise<void> {
  if (await files.lstat(pathIn(state))) await files.unlink(pathIn(state));
}

const pathIn = (state: string): string => join(state, 'enrolling.json');
