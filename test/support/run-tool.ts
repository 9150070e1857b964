import { execFile } from 'node:child_process';

export interface ToolOptions {
  cwd?: string;
  env?: Record<string, string>;
}

/** Runs a program to its end and gives its output; rejects with what it said if it fails. */
export async function runTool(
  program: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', ...options.env };
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      { maxBuffer: 1 << 26, ...options, env },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`));
        else resolve(stdout);
      },
    );
  });
}
