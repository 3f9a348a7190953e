/** Names of the kernels of packHalf and unpackHalf. */
export const PACK_HALF = { forward: 'Convolutions/PackHalf' } as const;
export const UNPACK_HALF = { forward: 'Convolutions/UnpackHalf' } as const;
