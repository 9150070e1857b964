import Type from 'typebox';

const Part = (maxLength: number) =>
  Type.String({ maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });

/** A user and a password for a source or a proxy; RFC 7617 allows no ":" in the user's name. */
export const Credentials = Type.Object(
  {
    username: Type.String({
      minLength: 1,
      maxLength: 256,
      pattern: '^[^:\\u0000-\\u001f\\u007f]+$',
    }),
    password: Part(4096),
  },
  { additionalProperties: false },
);
export interface Credentials {
  username: string;
  password: string;
}

/** A secret as a person sees it: its name alone. */
export interface SecretView {
  name: string;
  updatedAt: string;
}
