export * from './describe';
export * from './exposure';
export * from './guard';
export * from './majority';
export * from './size';
export * from './transition';
export * from './zones';
