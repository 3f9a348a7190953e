import path from 'node:path';
import type { ArchiveContents } from './archive_members.js';
import { isImage } from './image_kind.js';
import { isSystemName, type FileTree, type TreeEntry } from './image_tree.js';

/** The tree of an archive: folders that its members are in, without those that operating systems leave behind. */
export function archiveTree(file: string, { members, folders, others }: ArchiveContents): FileTree {
  const tree = new Map<string, Map<string, TreeEntry>>([['', new Map()]]);
  const add = (name: string, entry: Omit<TreeEntry, 'name'>): void => {
    const parts = name.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
    if (parts.length === 0 || parts.some(isSystemName)) return;
    parts.forEach((part, depth) => {
      const folder = parts.slice(0, depth).join(path.sep);
      if (!tree.has(folder)) tree.set(folder, new Map());
      const isLast = depth === parts.length - 1;
      const known = tree.get(folder)!.get(part);
      // Of members with the same name, the last one counts, as when the archive is unpacked.
      if (isLast ? known?.kind !== 'folder' : known === undefined) {
        tree.get(folder)!.set(part, isLast ? { name: part, ...entry } : { name: part, kind: 'folder' });
      }
    });
  };
  for (const name of folders) add(name, { kind: 'folder' });
  for (const { name, found } of others) add(name, { kind: 'special file', found });
  for (const { name, head, ...place } of members) {
    const location = { path: file, ...place };
    add(name, isImage(head) ? { kind: 'image', location } : { kind: 'other file' });
  }
  return {
    root: file,
    list: (folder) => {
      const entries = [...(tree.get(folder)?.values() ?? [])];
      return Promise.resolve(entries.sort((a, b) => (a.name < b.name ? -1 : 1)));
    },
  };
}
