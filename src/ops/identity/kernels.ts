/** Name of the kernel of identity. */
export const IDENTITY = { forward: 'Convolutions/Identity' } as const;
