// Chance from a seed, so that what fails fails again.

/** @param {number} seed @returns {(below: number) => number} whole numbers in [0, below) */
export function chance(seed) {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}
