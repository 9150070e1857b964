import { JamesError } from '../../proto/errors.ts';

/** Does `act`; what goes wrong in it is put down to the packet. An abort passes unchanged. */
export async function blaming<Result>(packet: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw blamed(packet, error);
  }
}

function blamed(packet: string, error: unknown): unknown {
  if (error instanceof JamesError) {
    const { code, message, members } = error;
    return members.packet || members.packets
      ? error
      : new JamesError(code, message, { members: { ...members, packet }, cause: error });
  }
  if (!isSystemError(error)) return error;
  return fromSystem(error, `The packet ${packet}: `, { packet });
}

/** An error of the system as one of the catalogue. */
export function fromSystem(
  error: NodeJS.ErrnoException,
  start = '',
  members: Record<string, unknown> = {},
): JamesError {
  const details = { members, cause: error };
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    return new JamesError(
      'no-space',
      `${start}the disk is full (${error.message}); make room.`,
      details,
    );
  return new JamesError('io-error', `${start}${error.message}.`, details);
}

export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
