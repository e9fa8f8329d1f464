export { policies } from './policies';
