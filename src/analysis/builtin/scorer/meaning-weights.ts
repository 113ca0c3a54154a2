/** Made by "npm run train:scorer" from 7222 statements; the table has a signed byte for each number of a sentence vector. */
export const meaningWeights = {
  bias: -0.873,
  ofScore: 0.513,
  ofVector: {
    unit: 0.015527,
    table:
      'CN0zE/PjzCfjIQjC8CA12BPq//voGPzfAf8gMPT38dP4zTA/59MEGAh/AfrM5dL44S36/Wnh+O6XEu7pIvAP990YGyEaug2v7SsF9sHi6uzUWtkA2+r3Iv3s7v/7DSq3Mx3bmgDkPBEaSAbh8RD3IOPc7AnQLOUN4yz+PTY57QDyBdoz7RnUBvQuFs35xtJJAcn5IvngFBUCAgfKF9s00DvqyRnD+hUvKRYV3/bUBbAC/+X+8y8pxAHr7gwJAQE98SrMBQK4SrcGHy7wveHd5SIp+BYWDxPm4fJLBss6LwDsBDG3Bw0t+BcLvwPU6J/rjxDj5Q0Jxgdm4b3z7PbMDRXNNugt8uvU6fEz5/ntIRHN6+4WDPQfC17o2//hB/Hh5vEG6BnmDTIW/+K+KRQW/hURNPP4B9/xIxXTFdL72wAIAQYXxtnpFP+X6Rz2vkbxXgkt4hfZAevyIjDvv8r13DcHBvBB4sETwlIHQ+0KIb8KLdoVAgXSHNUOKAQn+ff3',
  },
};
