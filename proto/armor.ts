/** The text of public keys, armored (RFC 9580, section 6.2) if they are not already. */
export function armored(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  if (text.includes('-----BEGIN PGP ')) return text;
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const lines = base64.match(/.{1,64}/g) ?? [];
  const block = 'PGP PUBLIC KEY BLOCK';
  return [`-----BEGIN ${block}-----`, '', ...lines, `-----END ${block}-----`, ''].join('\n');
}
