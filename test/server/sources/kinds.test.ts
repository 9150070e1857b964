import { expect, it } from 'vitest';
import { shippedSourceTypes } from '../../../proto/source.ts';
import { apt } from '../../../server/sources/kinds/apt.ts';
import { yum } from '../../../server/sources/kinds/yum.ts';
import { sourceKinds } from '../../../server/sources/kinds.ts';
import { sourceKindSuite } from '../../suites/source-kind-suite.ts';
import { aptTools } from '../../support/apt-repository.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { aptTestRepository, yumTestRepository } from '../../support/kind-repositories.ts';
import { yumTools } from '../../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages([...aptTools, ...yumTools]);

sourceKindSuite({ kind: apt, create: aptTestRepository, leftOut });
sourceKindSuite({ kind: yum, create: yumTestRepository, leftOut });

it('the kinds that come with jamesd are those that its documents name', () => {
  expect(sourceKinds.map(({ type }) => type)).toEqual(shippedSourceTypes);
});
