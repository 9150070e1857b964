import { setFlagsFromString } from 'node:v8';

/*
 * To be imported first. An agent works in short spells and rests for hours: only what is really hot is compiled by the
 * optimizing compiler, whose own code otherwise stays in memory for good (3 MiB, measured by `npm run bench agent-memory`).
 */
setFlagsFromString('--interrupt-budget=8000000');
