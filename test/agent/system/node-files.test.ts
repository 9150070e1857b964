import { createNodeFiles } from '../../../agent/system/node-files.ts';
import { filesSuite } from '../../suites/files-suite.ts';
import { watchedFiles } from '../../support/watched-files.ts';

filesSuite('the machine', createNodeFiles);
filesSuite('the machine, watched', () => watchedFiles(() => undefined));
