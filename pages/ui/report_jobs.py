"""What a report is made from and the files it is made into, computed beside the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from coverage.errors import CancelledError
from coverage.model import Study
from coverage.names import Name
from coverage.progress import Progress, report_progress
from coverage.question import Question
from coverage.report.options import ReportOptions
from coverage.report.redaction import Redaction
from coverage.scenario import Edit
from geodata.i18n import resolve_language
from geodata.report.archive import zip_pictures
from geodata.report.build import ReportMaterial, compose_report, gather_material
from geodata.report.history import MadeEntry, note_report
from geodata.report.kept_reports import keep_report
from geodata.report.layer_tables import ReportLayers, build_layers
from geodata.report.render import render_report
from geodata.report.run_file import Recipe
from geodata.report.run_report import MadeReport, OpenedStudy, finish_report
from geodata.report.wording import word_report
from geodata.run_assessment import Answer, answer_question
from geodata.run_siting import Suggestion
from geodata.run_whatif import run_whatif
from pages.ui.cached import vault
from pages.ui.side_jobs import JobDesk, SideJob
