import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePossible } from '../../../agent/packages/choose-possible.ts';
import { aptUnfound } from '../../../agent/packages/core/apt-output.ts';
import { dnfUnfound } from '../../../agent/packages/core/dnf-output.ts';
import { keyOf } from '../../../agent/packages/core/findings.ts';
import { narrowed, reasonOf, unknownOf } from '../../../agent/packages/core/left-out.ts';
import type { PackagePlan } from '../../../agent/packages/core/package-plan.ts';
import type { ToolAnswer } from '../../../agent/packages/core/tool-simulation.ts';
import { zypperUnfound } from '../../../agent/packages/core/zypper-output.ts';
import type { PackageTool, ToolRequest } from '../../../agent/packages/package-tool.ts';
import { lockedPackage } from '../../support/package-device.ts';

const policy = { version: 'auto', downgrade: false, unmanaged: 'keep' } as const;
const planOf = (names: readonly string[]): PackagePlan => ({
  install: names.map((name) => lockedPackage('apt', { name })),
  remove: [],
  released: [],
  markAuto: [...names],
  markManual: [],
  refusals: [],
});

/** A package manager that only says whether it can install some names, and counts how often it is asked. */
function toolThat(can: (names: string[]) => boolean): { tool: PackageTool; asked: () => number } {
  let asked = 0;
  const simulate = async ({ install }: ToolRequest) => {
    asked += 1;
    const names = install.map(({ name }) => name);
    if (!can(names)) return { kind: 'cannot', lines: [`E: not ${names.join(' ')}`] };
    const changes = names.map((name) => ({ kind: 'install', name, arch: 'all', to: '1' }));
    return { kind: 'would', simulation: { changes, downloadBytes: 0, diskBytes: 0 } };
  };
  const tool = { simulate, wordOf: ({ name }: { name: string }) => name, namesAnyArch: false };
  return { tool: tool as unknown as PackageTool, asked: () => asked };
}

describe('what is left out', () => {
  it('is exactly what cannot be installed, in a bounded number of questions', async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(names, fc.func(fc.nat(9)), async (all, chance) => {
        const bad = all.filter((name) => chance(name) === 0);
        const { tool, asked } = toolThat((some) => !some.some((name) => bad.includes(name)));
        const { choice, differences, plan } = await choosePossible(tool, planOf(all), policy);
        expect(differences).toEqual([]);
        expect([...choice.leftOut.keys()].sort()).toEqual(bad.map((name) => `${name} all`).sort());
        expect(plan.markAuto).toEqual(all.filter((name) => !bad.includes(name)));
        expect(asked()).toBeLessThanOrEqual(102);
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  it('is the later one of two that cannot be together', async () => {
    const { tool } = toolThat((some) => !(some.includes('a') && some.includes('b')));
    const { plan, choice } = await choosePossible(tool, planOf(['x', 'a', 'y', 'b']), policy);
    expect(plan.install.map(({ name }) => name)).toEqual(['x', 'a', 'y']);
    expect([...choice.leftOut]).toEqual([['b all', 'E: not x a y b']]);
  });

  it('is everything that was not tried when nearly nothing can be installed', async () => {
    const all = Array.from({ length: 500 }, (_, at) => `p${at}`);
    const { tool, asked } = toolThat((some) => some.length === 0);
    const { plan, choice } = await choosePossible(tool, planOf(all), policy);
    expect(plan.install).toEqual([]);
    expect(choice.leftOut.size).toBe(500);
    expect(asked()).toBeLessThanOrEqual(102);
  });

  it('is nothing where the lock names versions', async () => {
    const plan = planOf(['a', 'b']);
    const fixed = { ...plan, install: plan.install.map((one) => ({ ...one, version: '1' })) };
    const { tool, asked } = toolThat(() => false);
    const attempt = await choosePossible(tool, fixed, policy);
    expect(attempt.differences).toHaveLength(1);
    expect(attempt.plan.install).toHaveLength(2);
    expect(asked()).toBe(1);
  });
});

describe('the words of package managers for what they do not know', () => {
  it("are read from apt's output", () => {
    const text = [
      'Reading package lists...',
      'E: Unable to locate package nonexist:amd64',
      "E: Package 'pure' has no installation candidate",
      'E: Unsupported file /usr/bin/x:amd64 given on commandline',
      "E: Couldn't find any package by regex 'a.b'",
    ].join('\n');
    expect([...aptUnfound(text)]).toEqual([
      ['nonexist:amd64', 'Unable to locate package nonexist:amd64'],
      ['pure', "Package 'pure' has no installation candidate"],
      ['/usr/bin/x:amd64', 'Unsupported file /usr/bin/x:amd64 given on commandline'],
    ]);
  });

  it("are read from dnf's and zypper's output", () => {
    const dnf = 'No match for argument: a.x86_64\nError: Unable to find a match: a.x86_64\n';
    expect([...dnfUnfound(dnf)]).toEqual([['a.x86_64', 'No match for argument: a.x86_64']]);
    const zypper =
      '<message type="error">No provider of &apos;a.x86_64&apos; found.</message>\n<message type="error">Other.</message>';
    expect([...zypperUnfound(zypper)]).toEqual([['a.x86_64', "No provider of 'a.x86_64' found."]]);
  });

  it('tell by a bare name of a package that is asked for once', () => {
    const asked = ['amd64', 'i386'].map((arch) => lockedPackage('apt', { name: 'two', arch }));
    const one = lockedPackage('apt', { name: 'one', arch: 'amd64' });
    const answer: ToolAnswer = {
      kind: 'cannot',
      lines: [],
      unfound: new Map([
        ['two', 'no two'],
        ['one', 'no one'],
      ]),
    };
    const unknown = unknownOf(answer, [...asked, one], ({ name, arch }) => `${name}:${arch}`);
    expect([...unknown]).toEqual([[keyOf(one), 'no one']]);
  });

  it('are the reason without what stands around it', () => {
    const lines = [
      'Some packages could not be installed. This may mean that you have',
      'The following packages have unmet dependencies:',
      'broken : Depends: nowhere (>= 3) but it is not installable',
      'E: Unable to correct problems, you have held broken packages.',
    ];
    expect(reasonOf({ kind: 'cannot', lines }, [])).toBe(
      'broken : Depends: nowhere (>= 3) but it is not installable',
    );
    expect(reasonOf({ kind: 'cannot', lines: lines.slice(3) }, [])).toBe(lines[3]);
  });

  it('change the architecture where only any is offered', () => {
    const plan = narrowed(planOf(['a', 'b']), {
      leftOut: new Map([['a all', 'no']]),
      anyArch: new Set(['b all']),
    });
    expect(plan.install.map(({ name, arch }) => [name, arch])).toEqual([['b', 'noarch']]);
  });
});
