/** What follows from an object and a text alone, remembered as long as the object lives. */
export interface Memo {
  remember<Value>(about: object, key: string, make: () => Value): Value;
}

export function createMemo(): Memo {
  const known = new WeakMap<object, Map<string, unknown>>();
  return {
    remember<Value>(about: object, key: string, make: () => Value): Value {
      const values = known.get(about) ?? new Map<string, unknown>();
      known.set(about, values);
      if (!values.has(key)) values.set(key, make());
      return values.get(key) as Value;
    },
  };
}
