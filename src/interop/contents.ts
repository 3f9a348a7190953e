/** Contents of a file, with a name to use in errors. */
export interface Contents {
  readonly bytes: Uint8Array;
  readonly name: string;
}
