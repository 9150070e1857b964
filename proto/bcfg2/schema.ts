/** What may stand where in Bcfg2's files: sources of both generations, and bundles as far as they name packages. */

/** The value of an attribute or of an element that holds text. */
export type ValueRule = 'text' | 'boolean' | 'switch' | readonly string[];

export interface ElementRule {
  attributes: Readonly<Record<string, ValueRule>>;
  /** Attributes that must be there. */
  needs?: readonly string[];
  /** One of these attributes or children must be there, and no two. */
  oneOf?: readonly string[];
  children: Readonly<Record<string, RuleName>>;
  /** The value of its text; absent: it holds none. */
  text?: ValueRule;
  /** The order of children in the schema of old; another order is a warning. */
  order?: readonly (readonly string[])[];
  /** Children and attributes that are not known are left out with a warning, for they are not about packages. */
  open?: boolean;
}

export type RuleName =
  | 'Sources'
  | 'SourceScope'
  | 'Config'
  | 'OldSource'
  | 'Source'
  | 'Options'
  | 'Text'
  | 'Truth'
  | 'Bundle'
  | 'BundleScope'
  | 'Package'
  | 'BoundPackage'
  | 'Instance';

const inSources: Readonly<Record<string, RuleName>> = {
  Sources: 'Sources',
  Config: 'Config',
  APTSource: 'OldSource',
  YUMSource: 'OldSource',
  Source: 'Source',
  Group: 'SourceScope',
  Client: 'SourceScope',
};

const inBundles: Readonly<Record<string, RuleName>> = {
  Group: 'BundleScope',
  Client: 'BundleScope',
  Package: 'Package',
  BoundPackage: 'BoundPackage',
};

const scope = { name: 'text', negate: 'boolean' } as const;
const instance = { version: 'text', release: 'text', epoch: 'text', arch: 'text' } as const;

export const rules: Readonly<Record<RuleName, ElementRule>> = {
  Sources: { attributes: { lax_decryption: 'boolean' }, children: inSources },
  SourceScope: { attributes: scope, needs: ['name'], children: inSources },
  Config: { attributes: { resolver: 'switch', metadata: 'switch' }, children: {} },
  OldSource: {
    attributes: {},
    oneOf: ['URL', 'RawURL'],
    children: {
      Group: 'Text',
      URL: 'Text',
      RawURL: 'Text',
      Version: 'Text',
      Component: 'Text',
      Arch: 'Text',
      Recommended: 'Truth',
      Blacklist: 'Text',
      Whitelist: 'Text',
    },
    order: [
      ['Group'],
      ['URL', 'RawURL'],
      ['Recommended'],
      ['Version'],
      ['Component'],
      ['Arch'],
      ['Blacklist', 'Whitelist'],
    ],
  },
  Source: {
    attributes: {
      type: ['apt', 'yum', 'pac', 'pkgng'],
      url: 'text',
      rawurl: 'text',
      pulp_id: 'text',
      version: 'text',
      name: 'text',
      recommended: 'boolean',
      essential: 'boolean',
      debsrc: 'boolean',
    },
    needs: ['type'],
    oneOf: ['url', 'rawurl', 'pulp_id'],
    children: {
      Component: 'Text',
      Arch: 'Text',
      Blacklist: 'Text',
      Whitelist: 'Text',
      GPGKey: 'Text',
      Options: 'Options',
    },
  },
  Options: { attributes: {}, children: {}, open: true },
  Text: { attributes: {}, children: {}, text: 'text' },
  Truth: { attributes: {}, children: {}, text: 'boolean' },
  Bundle: { attributes: { name: 'text' }, children: inBundles, open: true },
  BundleScope: { attributes: scope, needs: ['name'], children: inBundles, open: true },
  Package: {
    attributes: {
      name: 'text',
      group: 'text',
      type: 'text',
      verify: 'boolean',
      recommended: 'boolean',
    },
    oneOf: ['name', 'group'],
    children: {},
    open: true,
  },
  BoundPackage: {
    attributes: {
      ...instance,
      name: 'text',
      group: 'text',
      type: 'text',
      priority: 'text',
      verify: 'boolean',
      pkg_checks: 'boolean',
      recommended: 'boolean',
    },
    oneOf: ['name', 'group'],
    children: { Instance: 'Instance' },
    open: true,
  },
  Instance: { attributes: { ...instance, verify: 'boolean' }, children: {}, open: true },
};

/** The rules of the elements with which a file can begin. */
export const roots: Readonly<Record<string, RuleName>> = { Sources: 'Sources', Bundle: 'Bundle' };

/** The rule of an element below another; undefined if it may not stand there. */
export function ruleBelow(rule: RuleName, child: string): RuleName | undefined {
  const { children } = rules[rule];
  return Object.hasOwn(children, child) ? children[child] : undefined;
}
