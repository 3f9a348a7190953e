/** The two sizes at which the page is looked at. */
export const SIZES = { phone: { width: 360, height: 780 }, desktop: { width: 1440, height: 900 } } as const;

export const SCHEMES = ['light', 'dark'] as const;
