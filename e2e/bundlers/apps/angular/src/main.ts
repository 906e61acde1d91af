import { Component } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { tryOut } from './try-out.js';

@Component({ selector: 'app-root', template: '<p>An application</p>' })
class App {
  ngOnInit(): void {
    void tryOut();
  }
}

await bootstrapApplication(App);
