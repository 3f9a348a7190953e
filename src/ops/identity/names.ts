/** Kernel name of identity. */
export const IDENTITY = { forward: 'Convolutions/Identity' } as const;
