import { packageDriverSuite } from '../../suites/package-driver-suite.ts';

packageDriverSuite('apt');
