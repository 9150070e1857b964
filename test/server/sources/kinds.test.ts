import { apt } from '../../../server/sources/kinds/apt.ts';
import { yum } from '../../../server/sources/kinds/yum.ts';
import { sourceKindSuite } from '../../suites/source-kind-suite.ts';
import { aptTools } from '../../support/apt-repository.ts';
import { ensureDebianPackages } from '../../support/debian.ts';
import { aptTestRepository, yumTestRepository } from '../../support/kind-repositories.ts';
import { yumTools } from '../../support/yum-repository.ts';

const { leftOut } = await ensureDebianPackages([...aptTools, ...yumTools]);

sourceKindSuite({ kind: apt, create: aptTestRepository, leftOut });
sourceKindSuite({ kind: yum, create: yumTestRepository, leftOut });
