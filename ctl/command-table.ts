import type { Command } from './command.ts';
import { apply } from './commands/apply.ts';
import { completion } from './commands/completion.ts';
import { deviceApprove } from './commands/device-approve.ts';
import { deviceApproveRemoval } from './commands/device-approve-removal.ts';
import { deviceGet } from './commands/device-get.ts';
import { deviceLabels } from './commands/device-labels.ts';
import { deviceList } from './commands/device-list.ts';
import { deviceRefresh } from './commands/device-refresh.ts';
import { deviceRemove } from './commands/device-remove.ts';
import { deviceRetry } from './commands/device-retry.ts';
import { deviceWatch } from './commands/device-watch.ts';
import { diff } from './commands/diff.ts';
import { doctor } from './commands/doctor.ts';
import { events } from './commands/events.ts';
import { explain } from './commands/explain.ts';
import { history } from './commands/history.ts';
import { laterCommands } from './commands/later.ts';
import { login } from './commands/login.ts';
import { packageResolve } from './commands/package-resolve.ts';
import { packageSearch } from './commands/package-search.ts';
import { packageVersions } from './commands/package-versions.ts';
import { packageWhy } from './commands/package-why.ts';
import { packetBuild } from './commands/packet-build.ts';
import { packetCompute } from './commands/packet-compute.ts';
import { packetDelete } from './commands/packet-delete.ts';
import { packetDownload } from './commands/packet-download.ts';
import { packetInfo } from './commands/packet-info.ts';
import { packetInit } from './commands/packet-init.ts';
import { packetInstall } from './commands/packet-install.ts';
import { packetList } from './commands/packet-list.ts';
import { packetUninstall } from './commands/packet-uninstall.ts';
import { packetUpload } from './commands/packet-upload.ts';
import { plan } from './commands/plan.ts';
import { rollback } from './commands/rollback.ts';
import { schema } from './commands/schema.ts';
import { sourceApply } from './commands/source-apply.ts';
import { sourceDebug } from './commands/source-debug.ts';
import { sourceDelete } from './commands/source-delete.ts';
import { sourceDiff } from './commands/source-diff.ts';
import { sourceFiles } from './commands/source-files.ts';
import { sourceGet } from './commands/source-get.ts';
import { sourceHistory } from './commands/source-history.ts';
import { sourceImport } from './commands/source-import.ts';
import { sourceList } from './commands/source-list.ts';
import { sourceRefresh } from './commands/source-refresh.ts';
import { sourceReload } from './commands/source-reload.ts';
import { sourceRender } from './commands/source-render.ts';
import { sourceRollback } from './commands/source-rollback.ts';
import { sourceSecretDelete } from './commands/source-secret-delete.ts';
import { sourceSecretList } from './commands/source-secret-list.ts';
import { sourceSecretSet } from './commands/source-secret-set.ts';
import { sourceStatus } from './commands/source-status.ts';
import { specCompute } from './commands/spec-compute.ts';
import { specDelete } from './commands/spec-delete.ts';
import { specDiff } from './commands/spec-diff.ts';
import { specGet } from './commands/spec-get.ts';
import { specHistory } from './commands/spec-history.ts';
import { specList } from './commands/spec-list.ts';
import { specLock } from './commands/spec-lock.ts';
import { specPromote } from './commands/spec-promote.ts';
import { specRollback } from './commands/spec-rollback.ts';
import { specUpdate } from './commands/spec-update.ts';
import { specUpdates } from './commands/spec-updates.ts';
import { specUpload } from './commands/spec-upload.ts';
import { tokenCreate } from './commands/token-create.ts';
import { tokenDelete } from './commands/token-delete.ts';
import { tokenList } from './commands/token-list.ts';
import { validate } from './commands/validate.ts';
import { wait } from './commands/wait.ts';

/** Every verb, in the order of the help. Parsing, help and completion are made from this table. */
export const commandTable: readonly Command[] = [
  apply,
  diff,
  plan,
  validate,
  rollback,
  schema,
  explain,
  wait,
  events,
  history,
  packetInit,
  packetBuild,
  packetUpload,
  packetList,
  packetInfo,
  packetDownload,
  packetDelete,
  packetCompute,
  packetInstall,
  packetUninstall,
  specList,
  specGet,
  specUpload,
  specUpdate,
  specDelete,
  specCompute,
  specHistory,
  specDiff,
  specRollback,
  specLock,
  specUpdates,
  specPromote,
  sourceList,
  sourceGet,
  sourceApply,
  sourceImport,
  sourceDelete,
  sourceHistory,
  sourceDiff,
  sourceRollback,
  sourceRender,
  sourceRefresh,
  sourceReload,
  sourceStatus,
  sourceFiles,
  sourceSecretSet,
  sourceSecretList,
  sourceSecretDelete,
  sourceDebug,
  packageResolve,
  packageWhy,
  packageSearch,
  packageVersions,
  deviceList,
  deviceGet,
  deviceLabels,
  deviceApprove,
  deviceApproveRemoval,
  deviceRetry,
  deviceRefresh,
  deviceRemove,
  deviceWatch,
  tokenCreate,
  tokenList,
  tokenDelete,
  login,
  doctor,
  completion,
  ...laterCommands,
];
