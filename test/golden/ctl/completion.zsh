#compdef jamesd-ctl
# Completion of jamesd-ctl for zsh. Put it into a directory of your fpath as _jamesd-ctl.
_jamesd-ctl() {
  local context state line
  typeset -A opt_args
  _jamesd-ctl-root() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '1:command:->verb' \
      '*::argument:->rest'
    case $state in
      verb) local -a verbs=('apply:make the configuration what the documents say, in one step' 'diff:show what apply would change in the documents' 'plan:show what applying the documents would do to the fleet' 'validate:check documents without a server' 'rollback:return to an earlier generation of the whole configuration, as a new one' 'schema:print the JSON schema of a kind of document' 'explain:say why a device gets what it gets' 'wait:wait until devices are where they should be' 'events:list what happened, oldest first' 'history:list the generations of the whole configuration, newest first' 'login:remember a server and its token as a context' 'doctor:check the way to the server, and say what to do where something is wrong' 'completion:print a script that completes command lines in your shell' 'packet:make, upload, find and install packets' 'spec:what software which devices should have' 'source:repositories of packages' 'package:package' 'device:the fleet' 'token:tokens of operators and for joining'); _describe command verbs ;;
      rest)
        case $line[1] in
        apply) _jamesd-ctl-apply ;;
        diff) _jamesd-ctl-diff ;;
        plan) _jamesd-ctl-plan ;;
        validate) _jamesd-ctl-validate ;;
        rollback) _jamesd-ctl-rollback ;;
        schema) _jamesd-ctl-schema ;;
        explain) _jamesd-ctl-explain ;;
        wait) _jamesd-ctl-wait ;;
        events) _jamesd-ctl-events ;;
        history) _jamesd-ctl-history ;;
        login) _jamesd-ctl-login ;;
        doctor) _jamesd-ctl-doctor ;;
        completion) _jamesd-ctl-completion ;;
        packet) _jamesd-ctl-packet ;;
        spec) _jamesd-ctl-spec ;;
        source) _jamesd-ctl-source ;;
        package) _jamesd-ctl-package ;;
        device) _jamesd-ctl-device ;;
        token) _jamesd-ctl-token ;;
        esac ;;
    esac
  }
  _jamesd-ctl-packet() {
    _arguments -C \
      '1:command:->verb' \
      '*::argument:->rest'
    case $state in
      verb) local -a verbs=('init:make a directory from which a packet can be built' 'build:build a packet file from a directory; prints its path' 'upload:upload packet files; prints their ids' 'list:list the packets of the server' 'info:show what a packet is and holds: control, scripts, files' 'download:download a packet and verify it; prints the path' 'delete:delete a packet; refused while a spec chooses it' 'compute:show which packets a device with these labels would get' 'install:install a packet on this machine, by hand' 'uninstall:remove a packet from this machine, by hand'); _describe command verbs ;;
      rest)
        case $line[1] in
        init) _jamesd-ctl-packet-init ;;
        build) _jamesd-ctl-packet-build ;;
        upload) _jamesd-ctl-packet-upload ;;
        list) _jamesd-ctl-packet-list ;;
        info) _jamesd-ctl-packet-info ;;
        download) _jamesd-ctl-packet-download ;;
        delete) _jamesd-ctl-packet-delete ;;
        compute) _jamesd-ctl-packet-compute ;;
        install) _jamesd-ctl-packet-install ;;
        uninstall) _jamesd-ctl-packet-uninstall ;;
        esac ;;
    esac
  }
  _jamesd-ctl-spec() {
    _arguments -C \
      '1:command:->verb' \
      '*::argument:->rest'
    case $state in
      verb) local -a verbs=('list:list the specs' 'get:print a spec as YAML that can be applied again' 'upload:create specs or replace them' 'update:replace specs that exist; fails for those that do not' 'delete:delete a spec; its revisions stay and can be returned to' 'compute:show the specs that apply to these labels, merged' 'history:list the revisions of a spec, newest first' 'diff:show what changed between two revisions of a spec' 'rollback:return to an earlier revision of a spec, as a new revision' 'lock:show what a spec chose for each kind of device, all its locks, or what two differ in' 'updates:show the update that a spec could take, and what that does' 'promote:take the update of a spec that waits for it, or an earlier lock'); _describe command verbs ;;
      rest)
        case $line[1] in
        list) _jamesd-ctl-spec-list ;;
        get) _jamesd-ctl-spec-get ;;
        upload) _jamesd-ctl-spec-upload ;;
        update) _jamesd-ctl-spec-update ;;
        delete) _jamesd-ctl-spec-delete ;;
        compute) _jamesd-ctl-spec-compute ;;
        history) _jamesd-ctl-spec-history ;;
        diff) _jamesd-ctl-spec-diff ;;
        rollback) _jamesd-ctl-spec-rollback ;;
        lock) _jamesd-ctl-spec-lock ;;
        updates) _jamesd-ctl-spec-updates ;;
        promote) _jamesd-ctl-spec-promote ;;
        esac ;;
    esac
  }
  _jamesd-ctl-source() {
    _arguments -C \
      '1:command:->verb' \
      '*::argument:->rest'
    case $state in
      verb) local -a verbs=('list:list the sources of packages' 'get:print a source as YAML that can be applied again' 'apply:create sources or replace them, in one step' 'import:copy the sources and bundles of Bcfg2, in one step' 'delete:delete a source; its revisions stay and can be returned to' 'history:list the revisions of a source, newest first' 'diff:show what changed between two revisions of a source' 'rollback:return to an earlier revision of a source, as a new revision' 'render:show the package manager’s configuration that a device’s sources make' 'refresh:download what changed of sources and read everything again' 'reload:read the configuration of sources again and download only what is missing' 'status:show when sources were refreshed, what they offer, and what failed' 'files:list the files of the server that are the truth for their sources' 'debug:switch the resolver’s steps in the log of the running server' 'secret:users and passwords of sources'); _describe command verbs ;;
      rest)
        case $line[1] in
        list) _jamesd-ctl-source-list ;;
        get) _jamesd-ctl-source-get ;;
        apply) _jamesd-ctl-source-apply ;;
        import) _jamesd-ctl-source-import ;;
        delete) _jamesd-ctl-source-delete ;;
        history) _jamesd-ctl-source-history ;;
        diff) _jamesd-ctl-source-diff ;;
        rollback) _jamesd-ctl-source-rollback ;;
        render) _jamesd-ctl-source-render ;;
        refresh) _jamesd-ctl-source-refresh ;;
        reload) _jamesd-ctl-source-reload ;;
        status) _jamesd-ctl-source-status ;;
        files) _jamesd-ctl-source-files ;;
        debug) _jamesd-ctl-source-debug ;;
        secret) _jamesd-ctl-source-secret ;;
        esac ;;
    esac
  }
  _jamesd-ctl-source-secret() {
    _arguments -C \
      '1:command:->verb' \
      '*::argument:->rest'
    case $state in
      verb) local -a verbs=('set:set a user and a password for sources, under a name' 'list:list the names of secrets; what they hold is never shown' 'delete:delete a secret; sources that name it fail from then on'); _describe command verbs ;;
      rest)
        case $line[1] in
        set) _jamesd-ctl-source-secret-set ;;
        list) _jamesd-ctl-source-secret-list ;;
        delete) _jamesd-ctl-source-secret-delete ;;
        esac ;;
    esac
  }
  _jamesd-ctl-package() {
    _arguments -C \
      '1:command:->verb' \
      '*::argument:->rest'
    case $state in
      verb) local -a verbs=('resolve:work out packages with all that they need, for a device or for labels' 'why:say why a device has a package: the chain up to the spec that it is there for' 'search:find packages of the sources by a part of the name' 'versions:list the versions that sources offer, with pins and why one is not taken'); _describe command verbs ;;
      rest)
        case $line[1] in
        resolve) _jamesd-ctl-package-resolve ;;
        why) _jamesd-ctl-package-why ;;
        search) _jamesd-ctl-package-search ;;
        versions) _jamesd-ctl-package-versions ;;
        esac ;;
    esac
  }
  _jamesd-ctl-device() {
    _arguments -C \
      '1:command:->verb' \
      '*::argument:->rest'
    case $state in
      verb) local -a verbs=('list:list the devices' 'get:show a device: state, labels with their origin, packets, problems' 'labels:show the labels of a device, set and remove the operator’s' 'approve:let a device that asked for an id in use have it' 'approve-removal:let a device lose all it has, as its own labels changed' 'retry:let devices try again what failed or was undone' 'refresh:let devices look now at what is installed, and report it' 'remove:forget a device: its secret ends, it is disconnected' 'watch:follow changes of devices until you end it'); _describe command verbs ;;
      rest)
        case $line[1] in
        list) _jamesd-ctl-device-list ;;
        get) _jamesd-ctl-device-get ;;
        labels) _jamesd-ctl-device-labels ;;
        approve) _jamesd-ctl-device-approve ;;
        approve-removal) _jamesd-ctl-device-approve-removal ;;
        retry) _jamesd-ctl-device-retry ;;
        refresh) _jamesd-ctl-device-refresh ;;
        remove) _jamesd-ctl-device-remove ;;
        watch) _jamesd-ctl-device-watch ;;
        esac ;;
    esac
  }
  _jamesd-ctl-token() {
    _arguments -C \
      '1:command:->verb' \
      '*::argument:->rest'
    case $state in
      verb) local -a verbs=('create:make a token, for joining or for an operator; prints it' 'list:list the tokens, without what is secret of them' 'delete:end a token; devices that joined with it stay'); _describe command verbs ;;
      rest)
        case $line[1] in
        create) _jamesd-ctl-token-create ;;
        list) _jamesd-ctl-token-list ;;
        delete) _jamesd-ctl-token-delete ;;
        esac ;;
    esac
  }
  _jamesd-ctl-apply() {
    _arguments -C \
      '-f[YAML or JSON file, directory, or - for stdin; may be given several times]:value:_files' \
      '--file[YAML or JSON file, directory, or - for stdin; may be given several times]:value:_files' \
      '--prune[documents that are not among these are deleted]' \
      '--dry-run[only say what would happen]' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-diff() {
    _arguments -C \
      '-f[YAML or JSON file, directory, or - for stdin; may be given several times]:value:_files' \
      '--file[YAML or JSON file, directory, or - for stdin; may be given several times]:value:_files' \
      '--prune[documents that are not among these are deleted]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-plan() {
    _arguments -C \
      '-f[YAML or JSON file, directory, or - for stdin; may be given several times]:value:_files' \
      '--file[YAML or JSON file, directory, or - for stdin; may be given several times]:value:_files' \
      '--prune[documents that are not among these are deleted]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-validate() {
    _arguments -C \
      '-f[YAML or JSON file, directory, or - for stdin; may be given several times]:value:_files' \
      '--file[YAML or JSON file, directory, or - for stdin; may be given several times]:value:_files' \
      '--source-type[a kind of source that your server has beside those of jamesd; may be given several times]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-rollback() {
    _arguments -C \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument: '
  }
  _jamesd-ctl-schema() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:(spec source packet desired reported)'
  }
  _jamesd-ctl-explain() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '1:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '*:argument: '
  }
  _jamesd-ctl-wait() {
    _arguments -C \
      '-l[devices whose labels it accepts]:value: ' \
      '--selector[devices whose labels it accepts]:value: ' \
      '--for[converged (if left out) or phase=PHASE]:value:(converged phase=idle phase=waiting phase=downloading phase=verified phase=applying phase=rebooting phase=checking phase=rolling-back phase=rolled-back phase=failed phase=conflict)' \
      '--timeout[at most this long; 60s if left out]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-events() {
    _arguments -C \
      '--subject[only about this spec, packet, device or token]:value: ' \
      '--kind[only of this kind]:value:(spec-created spec-updated spec-deleted spec-rolled-back source-created source-updated source-deleted source-rolled-back source-file-failed source-refreshed source-failed secret-set secret-deleted generation-rolled-back packet-uploaded packet-deleted device-enrolled device-claimed device-approved device-removed device-labels device-converged device-failed device-conflict device-drifted removal-held removal-approved device-retried device-refreshed lock-planned lock-renewed lock-promoted lock-returned renewal-held renewal-resumed token-created token-deleted server-started)' \
      '--limit[the last so many; 50 if left out]:value: ' \
      '-f[go on until you end it; with -o json a line of JSON each]' \
      '--follow[go on until you end it; with -o json a line of JSON each]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-history() {
    _arguments -C \
      '--limit[the last so many; all if left out]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-packet-init() {
    _arguments -C \
      '-n[the name of the packet]:value: ' \
      '--name[the name of the packet]:value: ' \
      '-l[its labels]:value: ' \
      '--labels[its labels]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files -/'
  }
  _jamesd-ctl-packet-build() {
    _arguments -C \
      '-f[where to; NAME_VERSION_ARCH.jpk in the present directory if left out]:value:_files' \
      '--file[where to; NAME_VERSION_ARCH.jpk in the present directory if left out]:value:_files' \
      '--keep-owner[keep the numeric owners; otherwise everything belongs to 0 0]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files -/'
  }
  _jamesd-ctl-packet-upload() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-packet-list() {
    _arguments -C \
      '-n[only packets of this name]:value: ' \
      '--name[only packets of this name]:value: ' \
      '-l[only packets whose labels it accepts]:value: ' \
      '--selector[only packets whose labels it accepts]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-packet-info() {
    _arguments -C \
      '-l[with a name  exactly these labels]:value: ' \
      '--labels[with a name  exactly these labels]:value: ' \
      '--brief[without scripts and files, so that nothing need be read]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-packet-download() {
    _arguments -C \
      '-l[with a name  exactly these labels]:value: ' \
      '--labels[with a name  exactly these labels]:value: ' \
      '-f[where to; NAME_VERSION_ARCH.jpk if left out]:value:_files' \
      '--file[where to; NAME_VERSION_ARCH.jpk if left out]:value:_files' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-packet-delete() {
    _arguments -C \
      '-l[with a name  exactly these labels]:value: ' \
      '--labels[with a name  exactly these labels]:value: ' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-packet-compute() {
    _arguments -C \
      '-l[labels of a device, real or not]:value: ' \
      '--labels[labels of a device, real or not]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-packet-install() {
    _arguments -C \
      '-l[with a name  exactly these labels]:value: ' \
      '--labels[with a name  exactly these labels]:value: ' \
      '--root[where to install; / if left out (or JAMESC_ROOT)]:value:_files -/' \
      '--state[the agent’s state directory (or JAMESC_STATE)]:value:_files -/' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-packet-uninstall() {
    _arguments -C \
      '--root[where to install; / if left out (or JAMESC_ROOT)]:value:_files -/' \
      '--state[the agent’s state directory (or JAMESC_STATE)]:value:_files -/' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-spec-list() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-spec-get() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl spec list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-spec-upload() {
    _arguments -C \
      '-f[the same; may be given several times]:value:_files' \
      '--file[the same; may be given several times]:value:_files' \
      '--if-match[only if this is its present revision]:value: ' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-spec-update() {
    _arguments -C \
      '-f[the same; may be given several times]:value:_files' \
      '--file[the same; may be given several times]:value:_files' \
      '--if-match[only if this is its present revision]:value: ' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-spec-delete() {
    _arguments -C \
      '--if-match[only if this is its present revision]:value: ' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl spec list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-spec-compute() {
    _arguments -C \
      '-l[labels of a device, real or not]:value: ' \
      '--labels[labels of a device, real or not]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-spec-history() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl spec list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-spec-diff() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '1:argument:{compadd -- ${(f)"$(jamesd-ctl spec list -o name 2>/dev/null)"}}' \
      '2:argument: ' \
      '*:argument: '
  }
  _jamesd-ctl-spec-rollback() {
    _arguments -C \
      '--to[the same]:value: ' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '1:argument:{compadd -- ${(f)"$(jamesd-ctl spec list -o name 2>/dev/null)"}}' \
      '*:argument: '
  }
  _jamesd-ctl-spec-lock() {
    _arguments -C \
      '--revision[an earlier lock]:value: ' \
      '--history[list all locks instead]' \
      '--diff[show what two locks differ in instead]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '1:argument:{compadd -- ${(f)"$(jamesd-ctl spec list -o name 2>/dev/null)"}}' \
      '2:argument: ' \
      '*:argument: '
  }
  _jamesd-ctl-spec-updates() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl spec list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-spec-promote() {
    _arguments -C \
      '--lock[an earlier lock, in place of the proposed update]:value: ' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl spec list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-source-list() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-source-get() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl source list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-source-apply() {
    _arguments -C \
      '-f[the same; may be given several times]:value:_files' \
      '--file[the same; may be given several times]:value:_files' \
      '--dry-run[only say what would happen]' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-source-import() {
    _arguments -C \
      '--dry-run[only say what would happen]' \
      '--signed-by[public keys of sources that name none]:value:_files' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:_files'
  }
  _jamesd-ctl-source-delete() {
    _arguments -C \
      '--if-match[only if this is its present revision]:value: ' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl source list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-source-history() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl source list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-source-diff() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '1:argument:{compadd -- ${(f)"$(jamesd-ctl source list -o name 2>/dev/null)"}}' \
      '2:argument: ' \
      '*:argument: '
  }
  _jamesd-ctl-source-rollback() {
    _arguments -C \
      '--to[the same]:value: ' \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '1:argument:{compadd -- ${(f)"$(jamesd-ctl source list -o name 2>/dev/null)"}}' \
      '*:argument: '
  }
  _jamesd-ctl-source-render() {
    _arguments -C \
      '-d[the device]:value:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '--device[the device]:value:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '-l[labels of a device, real or not]:value: ' \
      '--labels[labels of a device, real or not]:value: ' \
      '-t[a template in place of the built-in form]:value:_files' \
      '--template[a template in place of the built-in form]:value:_files' \
      '-p[only the file that goes to this path]:value: ' \
      '--path[only the file that goes to this path]:value: ' \
      '--one-line[the form of sources.list, for an apt older than 1.1]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-source-refresh() {
    _arguments -C \
      '--allow-older[take an index though it is older than the one in use]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl source list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-source-reload() {
    _arguments -C \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-source-status() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl source list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-source-files() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-source-secret-set() {
    _arguments -C \
      '-u[the user]:value: ' \
      '--user[the user]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl source secret list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-source-secret-list() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-source-secret-delete() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl source secret list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-source-debug() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:(on off toggle)'
  }
  _jamesd-ctl-package-resolve() {
    _arguments -C \
      '-d[the device]:value:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '--device[the device]:value:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '-l[labels of a device, real or not]:value: ' \
      '--labels[labels of a device, real or not]:value: ' \
      '--debug[print the steps of the resolver]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument: '
  }
  _jamesd-ctl-package-why() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '1:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '*:argument: '
  }
  _jamesd-ctl-package-search() {
    _arguments -C \
      '-d[only what this device can get]:value:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '--device[only what this device can get]:value:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '-l[only what a device with these labels can get]:value: ' \
      '--labels[only what a device with these labels can get]:value: ' \
      '--limit[at most so many (200)]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument: '
  }
  _jamesd-ctl-package-versions() {
    _arguments -C \
      '-d[as this device sees them]:value:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '--device[as this device sees them]:value:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '-l[as a device with these labels sees them]:value: ' \
      '--labels[as a device with these labels sees them]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument: '
  }
  _jamesd-ctl-device-list() {
    _arguments -C \
      '-l[only devices whose labels it accepts]:value: ' \
      '--selector[only devices whose labels it accepts]:value: ' \
      '--phase[only devices in this phase  idle, waiting, downloading, verified, applying, rebooting, checking, rolling-back, rolled-back, failed, conflict]:value:(idle waiting downloading verified applying rebooting checking rolling-back rolled-back failed conflict)' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-device-get() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-device-labels() {
    _arguments -C \
      '-m[why; kept with the revision]:value: ' \
      '--message[why; kept with the revision]:value: ' \
      '--confirm-removals[agree to exactly this number of removals]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '1:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}' \
      '*:argument: '
  }
  _jamesd-ctl-device-approve() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-device-approve-removal() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-device-retry() {
    _arguments -C \
      '-l[devices whose labels it accepts]:value: ' \
      '--selector[devices whose labels it accepts]:value: ' \
      '--all[every device]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-device-refresh() {
    _arguments -C \
      '-l[devices whose labels it accepts]:value: ' \
      '--selector[devices whose labels it accepts]:value: ' \
      '--all[every device]' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-device-remove() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-device-watch() {
    _arguments -C \
      '-l[only devices whose labels it accepts]:value: ' \
      '--selector[only devices whose labels it accepts]:value: ' \
      '--interval[how often to look; 1s if left out]:value: ' \
      '--timeout[end after this time]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl device list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-token-create() {
    _arguments -C \
      '--join[devices enrol with it]' \
      '--operator[an operator uses it]' \
      '-l[labels that devices get by joining with it]:value: ' \
      '--labels[labels that devices get by joining with it]:value: ' \
      '--uses[how many devices may join with it]:value: ' \
      '--expires[how long it is good for, such as 24h]:value: ' \
      '--description[what it is for]:value: ' \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-token-list() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-token-delete() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:{compadd -- ${(f)"$(jamesd-ctl token list -o name 2>/dev/null)"}}'
  }
  _jamesd-ctl-login() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument: '
  }
  _jamesd-ctl-doctor() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files'
  }
  _jamesd-ctl-completion() {
    _arguments -C \
      '-o[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--output[table, wide, json, yaml or name]:value:(table wide json yaml name)' \
      '--server[the server (or JAMESD_SERVER)]:value: ' \
      '--token[the operator’s token (or JAMESD_TOKEN)]:value: ' \
      '--context[a context of the config file (or JAMESD_CONTEXT)]:value: ' \
      '--config[another config file]:value:_files' \
      '*:argument:(bash zsh fish)'
  }
  _jamesd-ctl-root "$@"
}

_jamesd-ctl "$@"
