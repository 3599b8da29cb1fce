import {parse} from 'graphql'; import {readFileSync} from 'fs';
import {composeServices} from '@theguild/federation-composition'; import * as apollo from '@apollo/composition';
const l=['media','articles'].map(name=>({name,url:'http://x/'+name,typeDefs:parse(readFileSync(`/tmp/i5try/${name}.graphql`,'utf8'))}))
for (const set of [l, [l[0]]]) { const a=composeServices(set); console.log('guild',a.errors, !!a.supergraphSdl);
const b=apollo.composeServices(set); console.log('apollo',b.errors?.map(e=>e.message), b.hints?.map(h=>h.toString())); }
