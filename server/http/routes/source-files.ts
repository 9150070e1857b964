import type { SourceFiles } from '../../documents/files/source-files.ts';
import type { Routes } from '../app.ts';

/** `/source-files`: the files of the server that are the truth for their sources, and how they stand. */
export function sourceFileRoutes(files: Pick<SourceFiles, 'status'>): Routes {
  return (app) => {
    app.get(
      '/source-files',
      {
        config: { access: ['operator'] },
        schema: { summary: 'Files of sources (sources.files), and what is wrong with them' },
      },
      async () => ({ items: files.status(), next: null }),
    );
  };
}
