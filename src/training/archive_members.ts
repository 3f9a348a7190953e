/** A file in an archive. */
export interface ArchiveMember {
  /** Path in the archive, with slashes. */
  readonly name: string;
  /** First byte of its contents in the archive. */
  readonly start: number;
  /** Number of bytes in the archive. */
  readonly length: number;
  /** Number of bytes once it is inflated, if it is deflated. */
  readonly inflated?: number;
  /** CRC-32 of its contents. */
  readonly checksum?: number;
  /** The first bytes of its contents, as many as recognize an image, or fewer if it has no more. */
  readonly head: Buffer;
}

/** A member without contents that can be read. */
export interface OtherMember {
  /** Path in the archive, with slashes. */
  readonly name: string;
  /** Its kind, for errors: "it is …". */
  readonly found: string;
}

/** Folders and files of an archive. */
export interface ArchiveContents {
  readonly members: readonly ArchiveMember[];
  /** Paths of folders, which may be empty. */
  readonly folders: readonly string[];
  /** Links, devices and members in a form that cannot be read. */
  readonly others: readonly OtherMember[];
}
